import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { resendEvents } from '../../src/compliance/archive/log/resend-events.ts'
import { createCountWaitingEvents } from '../../src/storage/event-queue.ts'
import { event, record } from '../support/audit-events.ts'
import { jobContext } from '../support/job-context.ts'

const MINUTE_MS = 60_000
const LIMIT = 2000

/** Runs the sweep after so many minutes. @returns the ids of the events that it sent */
async function sweep({ minutes, waiting = 0 }: { minutes: number; waiting?: number }): Promise<string[]> {
  const sent: { id: string }[] = []
  await resendEvents(
    {
      ...(await jobContext(Date.now() + minutes * MINUTE_MS)),
      countWaitingEvents: async () => waiting,
      sendEvents: async (events) => void sent.push(...(events as { id: string }[])),
    },
    LIMIT,
  )
  return sent.map(({ id }) => id)
}

const recordMany = async (count: number) => {
  const events = Array.from({ length: count }, (_, n) => event(n + 1))
  await record(events)
  return events.map(({ id }) => id)
}

test('K29 sends an event again when it is an hour old, and then once an hour', async () => {
  const ids = await recordMany(3)
  expect(await sweep({ minutes: 59 })).toEqual([])
  expect((await sweep({ minutes: 61 })).sort()).toEqual(ids)
  expect(await sweep({ minutes: 119 })).toEqual([])
  expect((await sweep({ minutes: 122 })).sort()).toEqual(ids)
})

test('K29 sends at most 2,000 events at once, and none while more than 1,000 wait in the queue', async () => {
  const ids = await recordMany(LIMIT + 1)
  expect(await sweep({ minutes: 61, waiting: 1001 })).toEqual([])
  const first = await sweep({ minutes: 61, waiting: 1000 })
  expect(first).toHaveLength(LIMIT)
  const rest = await sweep({ minutes: 61 })
  expect(new Set([...first, ...rest])).toEqual(new Set(ids))
  expect(rest).toHaveLength(1)
})

test('counts no event where the queue does not answer, so that lost events are sent nevertheless', async () => {
  const broken = { metrics: () => Promise.reject(new Error('no answer')) } as unknown as Queue
  expect(await createCountWaitingEvents(broken)()).toBe(0)
  expect(await createCountWaitingEvents(env.AUDIT_QUEUE)()).toBe(0)
  const full = { metrics: async () => ({ backlogCount: 360_000, backlogBytes: 1 }) } as unknown as Queue
  expect(await createCountWaitingEvents(full)()).toBe(360_000)
})
