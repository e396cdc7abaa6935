import { afterEach, describe, expect, test, vi } from 'vitest'
import { AppError } from '../../../src/core/errors.ts'
import type { Cooperative } from '../../../src/crypto/hash-queue/cooperative.ts'
import { createHashQueue, type QueueEntry } from '../../../src/crypto/hash-queue/hash-queue.ts'
import { atOnce } from '../../support/passwords.ts'

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

const quietly = () => vi.spyOn(console, 'warn').mockImplementation(() => undefined)

/** Waits for its turn, appends its name to `done` once for each slice, and leaves. */
async function work(entry: QueueEntry, name: string, done: string[], slices = 1): Promise<void> {
  await entry.run(note(name, done, slices))
  entry.leave()
}

function* note(name: string, done: string[], slices: number): Cooperative<void> {
  for (let slice = 0; slice < slices; slice++) {
    if (slice > 0) yield
    done.push(name)
  }
}

/** Enters with a request that is then aborted: none of its timers fires any more. */
function enterAndAbort(enter: () => QueueEntry): QueueEntry {
  const interval = vi.spyOn(globalThis, 'setInterval').mockReturnValueOnce(0 as never)
  const entry = enter()
  interval.mockRestore()
  return entry
}

describe('the hash queue', () => {
  test('runs requests in the order of their arrival', async () => {
    const queue = createHashQueue(10)
    const done: string[] = []
    await Promise.all(['a', 'b', 'c', 'd'].map((name) => work(queue.enter(), name, done)))
    expect(done).toEqual(['a', 'b', 'c', 'd'])
  })

  test('does not delay a ready request behind one that waits for a store', async () => {
    const queue = createHashQueue(10)
    const done: string[] = []
    const early = queue.enter()
    await work(queue.enter(), 'late', done)
    await work(early, 'early', done)
    expect(done).toEqual(['late', 'early'])
  })

  test('gives a request more than one turn', async () => {
    const entry = createHashQueue(1).enter()
    expect([await entry.run(atOnce('first')), await entry.run(atOnce('second'))]).toEqual(['first', 'second'])
    entry.leave()
  })

  test('lets other work run between two turns', async () => {
    const queue = createHashQueue(10)
    const done: string[] = []
    const workers = ['a', 'b', 'c'].map((name) => work(queue.enter(), name, done))
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

  test('lets eight requests come near the front, and the next one whenever one of them leaves', async () => {
    const queue = createHashQueue(20)
    const entries = Array.from({ length: 12 }, () => queue.enter())
    const near: number[] = []
    const waiting = entries.map(async (entry, i) => {
      await entry.waitUntilNear()
      near.push(i)
    })
    await Promise.all(waiting.slice(0, 8))
    expect(near).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
    for (const [i, entry] of entries.entries()) {
      entry.leave()
      await waiting[i + 8]
      expect(near.length).toBe(Math.min(12, 9 + i))
    }
    expect(near.at(-1)).toBe(11)
  })

  test('lets a request come near the front behind requests that were aborted', async () => {
    const queue = createHashQueue(20)
    for (let i = 0; i < 8; i++) enterAndAbort(queue.enter)
    const entry = queue.enter()
    await entry.waitUntilNear()
    entry.leave()
  })

  test('refuses requests with 503 and Retry-After when it is full, and logs that once', () => {
    const warn = quietly()
    const queue = createHashQueue(2)
    const entries = [queue.enter(), queue.enter()]
    for (let i = 0; i < 3; i++) expect(queue.enter).toThrow(new AppError('unavailable', { retryAfterSeconds: 3 }))
    expect(warn.mock.calls).toEqual([['{"level":"warn","event":"waiting_line_full","capacity":2}']])
    for (const entry of entries) entry.leave()
    entries.splice(0, 2, queue.enter(), queue.enter())
    expect(queue.enter).toThrow('unavailable')
    expect(warn).toHaveBeenCalledTimes(2)
    for (const entry of entries) entry.leave()
  })

  test('is not blocked by a request that was aborted while it waited', async () => {
    const queue = createHashQueue(10)
    const done: string[] = []
    const aborted = enterAndAbort(queue.enter)
    // The request waits for its turn, and none of its timers ever ends the wait.
    const timeout = vi.spyOn(globalThis, 'setTimeout').mockReturnValueOnce(0 as never)
    void aborted.run(atOnce('never'))
    timeout.mockRestore()
    await work(queue.enter(), 'next', done)
    expect(done).toEqual(['next'])
  })

  test('has capacity again after the requests that filled it were aborted', async () => {
    quietly()
    const queue = createHashQueue(1)
    enterAndAbort(queue.enter)
    expect(queue.enter).toThrow('unavailable')
    vi.setSystemTime(Date.now() + 200)
    // If the machine stalls, every heartbeat is late. One late heartbeat does not mean that it was aborted.
    expect(queue.enter).toThrow('unavailable')
    vi.setSystemTime(Date.now() + 100)
    queue.enter().leave()
  })

  test('accepts a request again that was considered aborted by mistake', async () => {
    const queue = createHashQueue(10)
    const done: string[] = []
    const first = queue.enter()
    for (const laterMs of [200, 100]) {
      vi.setSystemTime(Date.now() + laterMs)
      queue.enter().leave()
    }
    await Promise.all([work(first, 'first', done), work(queue.enter(), 'second', done)])
    expect(done.sort()).toEqual(['first', 'second'])
  })

  test('runs no other work of the queue between the slices of a run', async () => {
    const queue = createHashQueue(10)
    const done: string[] = []
    queue.noteShortRequest()
    await Promise.all(['a', 'b', 'c'].map((name) => work(queue.enter(), name, done, 3)))
    expect(done.join('')).toBe('aaabbbccc')
  })

  test('lets short requests run between two slices, and does not pause without short requests', async () => {
    const queue = createHashQueue(10)
    const done: string[] = []
    const shortRequests = async () => {
      await work(queue.enter(), 'first', done)
      for (let i = 0; i < 10; i++) {
        await new Promise((resolve) => setTimeout(resolve, 0))
        done.push('other')
      }
    }
    await Promise.all([shortRequests(), work(queue.enter(), 'slice', done, 3)])
    expect(done.join(' ')).toContain('slice slice slice')
    done.length = 0
    queue.noteShortRequest()
    await Promise.all([shortRequests(), work(queue.enter(), 'slice', done, 3)])
    expect(done.join(' ')).toMatch(/slice (other )+slice (other )+slice/)
  })

  test('continues after a request that was aborted between two slices; if that resumes, it waits for a new turn', async () => {
    const queue = createHashQueue(10)
    const done: string[] = []
    let resume: () => void = () => undefined
    function* stalling(): Cooperative<void> {
      done.push('stalled')
      // The timer that ends its pause fires much later.
      vi.spyOn(globalThis, 'setTimeout').mockImplementationOnce((callback) => {
        resume = callback
        return 0 as never
      })
      yield
      done.push('resumed')
    }
    queue.noteShortRequest()
    const stalled = queue.enter().run(stalling())
    await work(queue.enter(), 'second', done, 2)
    const third = work(queue.enter(), 'third', done, 2)
    resume()
    await Promise.all([third, stalled])
    expect(done).toEqual(['stalled', 'second', 'second', 'third', 'third', 'resumed'])
  })

  test('gives the turn to the next request after work that threw', async () => {
    const queue = createHashQueue(10)
    const entry = queue.enter()
    const failing = (function* (): Cooperative<void> {
      yield
      throw new Error('half-way')
    })()
    await expect(entry.run(failing)).rejects.toThrow('half-way')
    expect(await queue.enter().run(atOnce('next'))).toBe('next')
  })
})
