import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { vi } from 'vitest'
import { sendRecordedEvents } from '../../src/compliance/archive/events/send-events.ts'
import { resendEvents } from '../../src/compliance/archive/log/resend-events.ts'
import worker from '../../src/index.ts'
import { recordEvent } from '../../src/storage/database/outbox.ts'
import { jobContext } from './job-context.ts'
import { newDelivery } from './queue-delivery.ts'

interface Outage {
  readonly outageMs: number
  readonly eventsPerSecond: number
  /** The environment during the outage. */
  readonly broken: Env
}

interface Report {
  readonly endMs: number
  /** Between the end of the outage and the archiving of the last event that was sent before it. */
  readonly caughtUpAfterMs: number
  readonly sent: number
  readonly deadLetters: number
  /** How many events the cron sent again. */
  readonly resent: number
  readonly mostAttempts: number
}

interface Queued {
  readonly body: { readonly id: string }
  readonly attempts: number
  readonly sentAtMs: number
}

const BATCH = 100
/**
 * `max_batch_timeout`: events arrive, and are due again, at such intervals, so that few batches are small.
 */
const WAIT_MS = 5000
/** `max_retries` of the consumer. */
const MAX_RETRIES = 100
/**
 * How long the consumer takes for a batch: docs/scaling.md. A failure is fast, so that attempts are used up.
 */
const BATCH_MS = 200
const FAILURE_MS = 50
const SWEEP_MS = 5 * 60_000

/**
 * Plays an outage with the real consumer and cron, a queue in memory, and a clock that the test moves: one
 * delivery at a time, each message with the delay that the consumer gives it. Events go on to arrive until
 * all from before the end of the outage are archived.
 */
export async function playOutage({ outageMs, eventsPerSecond, broken }: Outage): Promise<Report> {
  const startMs = Date.now()
  const endMs = startMs + outageMs
  const ready: Queued[] = []
  const delayed = new Map<number, Queued[]>()
  const report = { sent: 0, deadLetters: 0, resent: 0, mostAttempts: 0 }
  let [now, nextArrival, nextSweep, late] = [startMs, startMs, startMs + SWEEP_MS, 0]
  while (now < endMs || late > 0) {
    for (; nextArrival <= now; nextArrival += WAIT_MS) await send(nextArrival)
    release()
    if (now >= nextSweep) await sweep()
    const messages = ready.splice(0, BATCH)
    if (messages.length > 0) await deliver(messages)
    else now = nextArrival
  }
  return { ...report, endMs, caughtUpAfterMs: now - endMs }

  async function send(atMs: number): Promise<void> {
    const events = await recordEvents((eventsPerSecond * WAIT_MS) / 1000, atMs)
    ready.push(...events.map((body) => ({ body, attempts: 1, sentAtMs: atMs })))
    report.sent += events.length
    if (atMs < endMs) late += events.length
  }

  function release(): void {
    for (const [dueMs, messages] of delayed) {
      if (dueMs > now) continue
      ready.push(...messages)
      delayed.delete(dueMs)
    }
  }

  async function sweep(): Promise<void> {
    nextSweep += SWEEP_MS
    const waiting = ready.length + [...delayed.values()].reduce((sum, messages) => sum + messages.length, 0)
    const queue = {
      countWaitingEvents: async () => waiting,
      sendEvents: async (events: readonly object[]) =>
        void ready.push(...events.map((body) => ({ body: body as Queued['body'], attempts: 1, sentAtMs: now }))),
    }
    report.resent += await resendEvents({ ...(await jobContext(now)), ...queue }, 2000)
  }

  async function deliver(messages: readonly Queued[]): Promise<void> {
    vi.setSystemTime(now)
    const isDown = now < endMs
    const { batch, retried, acknowledged } = newDelivery('latchkey-audit', messages)
    await worker.queue(batch, isDown ? broken : env, createExecutionContext())
    now += isDown ? FAILURE_MS : BATCH_MS
    for (const [message, seconds] of retried) {
      report.mostAttempts = Math.max(report.mostAttempts, message.attempts)
      if (message.attempts > MAX_RETRIES) report.deadLetters++
      else retryAt(now + seconds * 1000, { ...message, attempts: message.attempts + 1 })
    }
    late -= acknowledged().filter(({ sentAtMs }) => sentAtMs < endMs).length
  }

  function retryAt(atMs: number, message: Queued): void {
    const dueMs = startMs + Math.ceil((atMs - startMs) / WAIT_MS) * WAIT_MS
    delayed.set(dueMs, [...(delayed.get(dueMs) ?? []), message])
  }
}

/** Records events about no person, as a verb does. @returns the messages that the outbox sends for them */
async function recordEvents(count: number, atMs: number): Promise<Queued['body'][]> {
  const ctx = await jobContext(atMs)
  const detail = { reason: 'unknown_address' } as const
  const steps = Array.from({ length: count }, (_, n) => [
    `event${n}`,
    recordEvent(ctx, { action: 'user.sign_in_failed', outcome: 'failure', detail }),
  ])
  await ctx.db.batch(Object.fromEntries(steps))
  const sent: object[] = []
  await sendRecordedEvents({ ...ctx, sendGathered: async (events) => void sent.push(...events) })
  return sent as Queued['body'][]
}
