import {
  createExecutionContext,
  createMessageBatch,
  createScheduledController,
  getQueueResult,
  waitOnExecutionContext,
} from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import type { EventWithSeal } from '../../src/core/sealed-event.ts'
import worker from '../../src/index.ts'

/** Runs the cron once. @param cron the default also runs the daily jobs */
export async function runCron(using: Env = env, cron = '17 3 * * *'): Promise<void> {
  const execution = createExecutionContext()
  await worker.scheduled(createScheduledController({ cron, scheduledTime: new Date() }), using, execution)
  await waitOnExecutionContext(execution)
}

/** Delivers events to the consumer as one batch. @returns whether all were acknowledged */
export async function deliver(
  events: readonly unknown[],
  using: Env = env,
  queue = 'latchkey-audit',
): Promise<boolean> {
  const messages = events.map((body) => ({ id: crypto.randomUUID(), timestamp: new Date(), attempts: 1, body }))
  const batch = createMessageBatch(queue, messages as never)
  const execution = createExecutionContext()
  await worker.queue(batch, using, execution)
  const result = await getQueueResult(batch, execution)
  return result.ackAll && result.retryMessages.length === 0
}

/** Events that were recorded and not archived, as the outbox would send them. */
export async function unarchivedEvents(): Promise<EventWithSeal[]> {
  const { results } = await env.DB.prepare(
    `SELECT id, occurred_at, action, outcome, actor_type, actor_id, subject_id, request_id, detail, note_enc, seal
     FROM audit_events WHERE archived_at IS NULL ORDER BY id`,
  ).all<EventWithSeal>()
  return results
}

export const rows = async <Row = Record<string, unknown>>(sql: string, ...params: unknown[]): Promise<Row[]> =>
  (
    await env.DB.prepare(sql)
      .bind(...params)
      .all<Row>()
  ).results

export const keysIn = async (bucket: R2Bucket, prefix: string): Promise<string[]> =>
  (await bucket.list({ prefix })).objects.map(({ key }) => key)
