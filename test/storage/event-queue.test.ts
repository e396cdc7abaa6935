import { beforeEach, describe, expect, it } from 'vitest'
import { gatherEvents } from '../../src/storage/event-queue.ts'

const event = (id: number) => ({ id })
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => event(from + i))

/** A queue whose answers come when the test says so. */
function slowQueue() {
  const sent: (readonly object[])[] = []
  const answers: PromiseWithResolvers<void>[] = []
  const send = (events: readonly object[]) => {
    const answer = Promise.withResolvers<void>()
    sent.push(events)
    answers.push(answer)
    return answer.promise
  }
  return { sent, answers, gather: gatherEvents(send) }
}

let queue: ReturnType<typeof slowQueue>

beforeEach(() => {
  queue = slowQueue()
})

describe('events of several requests', () => {
  it('are sent at once when nobody else sends, each request its own', async () => {
    for (const id of [1, 2]) {
      const sending = queue.gather([event(id)])
      queue.answers[id - 1]?.resolve()
      await sending
    }
    expect(queue.sent).toEqual([[event(1)], [event(2)]])
  })

  it('are left with whoever is sending, who sends them together next, and once', async () => {
    const leading = queue.gather([event(1)])
    await Promise.all([queue.gather([event(2)]), queue.gather([event(3), event(4)])])
    expect(queue.sent).toEqual([[event(1)]])
    queue.answers[0]?.resolve()
    await Promise.resolve()
    await queue.gather([event(5)])
    queue.answers[1]?.resolve()
    await Promise.resolve()
    queue.answers[2]?.resolve()
    await leading
    expect(queue.sent).toEqual([[event(1)], range(2, 4), [event(5)]])
  })

  it('are not held up by a queue that refused those before them', async () => {
    const leading = queue.gather([event(1)])
    await queue.gather([event(2)])
    queue.answers[0]?.reject(new Error('no'))
    await expect(leading).rejects.toThrow('no')
    const next = queue.gather([event(3)])
    queue.answers[1]?.resolve()
    await next
    expect(queue.sent).toEqual([[event(1)], [event(2), event(3)]])
  })

  it('are sent by the next after twenty batches: nobody sends for the others for ever', async () => {
    let batches = 0
    const gather = gatherEvents(async () => {
      // Somebody leaves an event during every batch.
      if (++batches < 30) void gather([event(batches)])
    })
    await gather([event(0)])
    expect(batches).toBe(20)
    await gather([event(100)])
    expect(batches).toBe(30)
  })

  it('are sent by whoever fills up a batch when the one who was sending never comes back', async () => {
    void queue.gather([event(1)])
    for (const left of range(2, 100)) await queue.gather([left])
    expect(queue.sent).toHaveLength(1)
    const sending = queue.gather([event(101)])
    queue.answers[1]?.resolve()
    await sending
    expect(queue.sent).toEqual([[event(1)], range(2, 101)])
  })
})
