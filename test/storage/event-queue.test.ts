import { beforeEach, describe, expect, it } from 'vitest'
import { gatherEvents } from '../../src/storage/event-queue.ts'

const event = (id: number) => ({ id })
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => event(from + i))

/** A queue that answers when the test resolves the answer. */
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
  it('are sent at once and separately if no other request is sending', async () => {
    for (const id of [1, 2]) {
      const sending = queue.gather([event(id)])
      queue.answers[id - 1]?.resolve()
      await sending
    }
    expect(queue.sent).toEqual([[event(1)], [event(2)]])
  })

  it('are added to the list of the sending request, which sends them next, together and once', async () => {
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

  it('are still sent after the queue has refused earlier ones', async () => {
    const leading = queue.gather([event(1)])
    await queue.gather([event(2)])
    queue.answers[0]?.reject(new Error('no'))
    await expect(leading).rejects.toThrow('no')
    const next = queue.gather([event(3)])
    queue.answers[1]?.resolve()
    await next
    expect(queue.sent).toEqual([[event(1)], [event(2), event(3)]])
  })

  it('are sent by the next request after one request has sent twenty batches', async () => {
    let batches = 0
    const gather = gatherEvents(async () => {
      // Another request adds an event during every batch.
      if (++batches < 30) void gather([event(batches)])
    })
    await gather([event(0)])
    expect(batches).toBe(20)
    await gather([event(100)])
    expect(batches).toBe(30)
  })

  it('are sent by the request that fills a batch if the sending request was aborted', async () => {
    void queue.gather([event(1)])
    for (const left of range(2, 100)) await queue.gather([left])
    expect(queue.sent).toHaveLength(1)
    const sending = queue.gather([event(101)])
    queue.answers[1]?.resolve()
    await sending
    expect(queue.sent).toEqual([[event(1)], range(2, 101)])
  })
})
