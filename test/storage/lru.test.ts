import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { LruMap } from '../../src/storage/lru.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] })
})
afterEach(() => {
  vi.useRealTimers()
})

describe('an LRU map', () => {
  it('removes the least recently used entry when it is full', () => {
    const map = new LruMap<number>(2, 1000)
    map.set('a', 1)
    map.set('b', 2)
    map.get('a')
    map.set('c', 3)
    expect(['a', 'b', 'c'].map((key) => map.get(key))).toEqual([1, undefined, 3])
  })

  it('removes no entry when an existing one is overwritten', () => {
    const map = new LruMap<number>(2, 1000)
    map.set('a', 1)
    map.set('b', 2)
    map.set('b', 3)
    expect([map.get('a'), map.get('b')]).toEqual([1, 3])
  })

  it('removes an entry after its time, and reading does not extend that time', () => {
    const map = new LruMap<number>(2, 1000)
    map.set('a', 1)
    vi.setSystemTime(Date.now() + 999)
    expect(map.get('a')).toBe(1)
    vi.setSystemTime(Date.now() + 1)
    expect(map.get('a')).toBeUndefined()
  })

  it('removes a deleted entry', () => {
    const map = new LruMap<number>(2, 1000)
    map.set('a', 1)
    map.delete('a')
    map.delete('b')
    expect(map.get('a')).toBeUndefined()
  })
})
