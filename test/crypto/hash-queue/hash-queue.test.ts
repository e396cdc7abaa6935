import { afterEach, describe, expect, test, vi } from 'vitest'
import { AppError } from '../../../src/core/errors.ts'
import type { Cooperative } from '../../../src/crypto/hash-queue/cooperative.ts'
import { createHashQueue, type Place } from '../../../src/crypto/hash-queue/hash-queue.ts'
import { atOnce } from '../../support/passwords.ts'

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

const quietly = () => vi.spyOn(console, 'warn').mockImplementation(() => undefined)

/** Waits for its turn, notes its name once for each slice, and leaves. */
async function work(place: Place, name: string, done: string[], slices = 1): Promise<void> {
  await place.run(note(name, done, slices))
  place.leave()
}

function* note(name: string, done: string[], slices: number): Cooperative<void> {
  for (let slice = 0; slice < slices; slice++) {
    if (slice > 0) yield
    done.push(name)
  }
}

/** Everyone whose request was cut off: none of its timers comes any more. */
function enterAndDie(enter: () => Place): Place {
  const beat = vi.spyOn(globalThis, 'setInterval').mockReturnValueOnce(0 as never)
  const place = enter()
  beat.mockRestore()
  return place
}

describe('a line', () => {
  test('lets everyone in, in the order in which they came', async () => {
    const line = createHashQueue(10)
    const done: string[] = []
    await Promise.all(['a', 'b', 'c', 'd'].map((name) => work(line.enter(), name, done)))
    expect(done).toEqual(['a', 'b', 'c', 'd'])
  })

  test('does not hold up who is ready behind somebody who still waits for a store', async () => {
    const line = createHashQueue(10)
    const done: string[] = []
    const early = line.enter()
    await work(line.enter(), 'late', done)
    await work(early, 'early', done)
    expect(done).toEqual(['late', 'early'])
  })

  test('gives one place more than one turn', async () => {
    const place = createHashQueue(1).enter()
    expect([await place.run(atOnce('first')), await place.run(atOnce('second'))]).toEqual(['first', 'second'])
    place.leave()
  })

  test('lets other work in between two turns', async () => {
    const line = createHashQueue(10)
    const done: string[] = []
    const workers = ['a', 'b', 'c'].map((name) => work(line.enter(), name, done))
    const others = (async () => {
      while (!done.includes('c')) {
        await new Promise((resolve) => setTimeout(resolve, 0))
        if (done.at(-1) !== 'other') done.push('other')
      }
    })()
    await Promise.all([...workers, others])
    const between = done.slice(done.indexOf('a'), done.indexOf('c'))
    expect(between).toEqual(['a', 'other', 'b', 'other'])
  })

  test('lets eight come near, and another whenever one of them has left, in the order in which they came', async () => {
    const line = createHashQueue(20)
    const places = Array.from({ length: 12 }, () => line.enter())
    const near: number[] = []
    const approaching = places.map(async (place, i) => {
      await place.waitUntilNear()
      near.push(i)
    })
    await Promise.all(approaching.slice(0, 8))
    expect(near).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
    for (const [i, place] of places.entries()) {
      place.leave()
      await approaching[i + 8]
      expect(near.length).toBe(Math.min(12, 9 + i))
    }
    expect(near.at(-1)).toBe(11)
  })

  test('lets come near who stands behind requests that were cut off', async () => {
    const line = createHashQueue(20)
    for (let i = 0; i < 8; i++) enterAndDie(line.enter)
    const place = line.enter()
    await place.waitUntilNear()
    place.leave()
  })

  test('refuses whoever it has no room for with 503 and a time to come back, and says so once', () => {
    const warn = quietly()
    const line = createHashQueue(2)
    const places = [line.enter(), line.enter()]
    for (let i = 0; i < 3; i++) expect(line.enter).toThrow(new AppError('unavailable', { retryAfterSeconds: 3 }))
    expect(warn.mock.calls).toEqual([['{"level":"warn","event":"waiting_line_full","capacity":2}']])
    for (const place of places) place.leave()
    places.splice(0, 2, line.enter(), line.enter())
    expect(line.enter).toThrow('unavailable')
    expect(warn).toHaveBeenCalledTimes(2)
    for (const place of places) place.leave()
  })

  test('is not held up by a request that was cut off while it waited', async () => {
    const line = createHashQueue(10)
    const done: string[] = []
    const dead = enterAndDie(line.enter)
    // Its wait for the turn began, and no timer of its own ever ends it.
    const timeout = vi.spyOn(globalThis, 'setTimeout').mockReturnValueOnce(0 as never)
    void dead.run(atOnce('never'))
    timeout.mockRestore()
    await work(line.enter(), 'next', done)
    expect(done).toEqual(['next'])
  })

  test('has room again when those who filled it were cut off', async () => {
    quietly()
    const line = createHashQueue(1)
    enterAndDie(line.enter)
    expect(line.enter).toThrow('unavailable')
    vi.setSystemTime(Date.now() + 200)
    // A machine that stalls makes everyone late: to be late once is not to be dead.
    expect(line.enter).toThrow('unavailable')
    vi.setSystemTime(Date.now() + 100)
    line.enter().leave()
  })

  test('takes somebody back in who was only thought to be dead', async () => {
    const line = createHashQueue(10)
    const done: string[] = []
    const first = line.enter()
    for (const laterMs of [200, 100]) {
      vi.setSystemTime(Date.now() + laterMs)
      line.enter().leave()
    }
    await Promise.all([work(first, 'first', done), work(line.enter(), 'second', done)])
    expect(done.sort()).toEqual(['first', 'second'])
  })

  test('lets nobody else work between the slices of whoever has its turn', async () => {
    const line = createHashQueue(10)
    const done: string[] = []
    line.pass()
    await Promise.all(['a', 'b', 'c'].map((name) => work(line.enter(), name, done, 3)))
    expect(done.join('')).toBe('aaabbbccc')
  })

  test('lets those who pass in between two slices, and does not pause where nobody passes', async () => {
    const line = createHashQueue(10)
    const done: string[] = []
    const passer = async () => {
      await work(line.enter(), 'first', done)
      for (let i = 0; i < 10; i++) {
        await new Promise((resolve) => setTimeout(resolve, 0))
        done.push('other')
      }
    }
    await Promise.all([passer(), work(line.enter(), 'slice', done, 3)])
    expect(done.join(' ')).toContain('slice slice slice')
    done.length = 0
    line.pass()
    await Promise.all([passer(), work(line.enter(), 'slice', done, 3)])
    expect(done.join(' ')).toMatch(/slice (other )+slice (other )+slice/)
  })

  test('goes on after a request that was cut off between two slices, which waits anew if it lives after all', async () => {
    const line = createHashQueue(10)
    const done: string[] = []
    let goOn: () => void = () => undefined
    function* stalling(): Cooperative<void> {
      done.push('stalled')
      // The timer that ends its pause does not come, until much later.
      vi.spyOn(globalThis, 'setTimeout').mockImplementationOnce((callback) => {
        goOn = callback
        return 0 as never
      })
      yield
      done.push('alive')
    }
    line.pass()
    const stalled = line.enter().run(stalling())
    await work(line.enter(), 'second', done, 2)
    const third = work(line.enter(), 'third', done, 2)
    goOn()
    await Promise.all([third, stalled])
    expect(done).toEqual(['stalled', 'second', 'second', 'third', 'third', 'alive'])
  })

  test('passes the turn on after work that threw', async () => {
    const line = createHashQueue(10)
    const place = line.enter()
    const failing = (function* (): Cooperative<void> {
      yield
      throw new Error('half-way')
    })()
    await expect(place.run(failing)).rejects.toThrow('half-way')
    expect(await line.enter().run(atOnce('next'))).toBe('next')
  })
})
