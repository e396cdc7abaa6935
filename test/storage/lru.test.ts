import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { LruMap } from '../../src/storage/lru.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] })
})
afterEach(() => {
  vi.useRealTimers()
})

describe('a map that forgets', () => {
  it('forgets the least recently used entry when full', () => {
    const map = new LruMap<number>(2, 1000)
    map.set('a', 1)
    map.set('b', 2)
    map.get('a')
    map.set('c', 3)
    expect(['a', 'b', 'c'].map((key) => map.get(key))).toEqual([1, undefined, 3])
  })

  it('forgets nobody when a known entry is written again', () => {
    const map = new LruMap<number>(2, 1000)
    map.set('a', 1)
    map.set('b', 2)
    map.set('b', 3)
    expect([map.get('a'), map.get('b')]).toEqual([1, 3])
  })

  it('forgets an entry when its time is up, and reading does not prolong it', () => {
    const map = new LruMap<number>(2, 1000)
    map.set('a', 1)
    vi.setSystemTime(Date.now() + 999)
    expect(map.get('a')).toBe(1)
    vi.setSystemTime(Date.now() + 1)
    expect(map.get('a')).toBeUndefined()
  })

  it('forgets what it is told to', () => {
    const map = new LruMap<number>(2, 1000)
    map.set('a', 1)
    map.delete('a')
    map.delete('b')
    expect(map.get('a')).toBeUndefined()
  })
})
