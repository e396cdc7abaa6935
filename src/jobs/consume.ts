import { archiveEvents } from '../compliance/archive/archive-events.ts'
import { keepDeadLetters } from '../compliance/archive/dead-letters.ts'
import { archivedEventSchema } from '../compliance/archive/segment.ts'
import type { Context } from '../context.ts'
import { describeFailure } from '../core/failure.ts'
import { log } from '../core/log.ts'

/**
 * The queue handler. Audit events go to the archive; whatever else arrives, dead letters and what is no event, is
 * kept where an operator finds it. Nothing is acknowledged before it is safe: a failure returns the whole batch.
 */
export async function consume(ctx: Context, batch: MessageBatch): Promise<void> {
  try {
    const isAudit = batch.queue.endsWith('-audit')
    const parsed = batch.messages.map((message) => ({
      message,
      event: isAudit ? archivedEventSchema.safeParse(message.body).data : undefined,
    }))
    const events = parsed.flatMap(({ event }) => (event === undefined ? [] : [event]))
    const others = parsed.filter(({ event }) => event === undefined).map(({ message }) => message)
    if (others.length > 0) {
      await keepDeadLetters(
        ctx,
        others.map(({ id, body }) => ({ id, body, queue: batch.queue })),
      )
      log('error', 'dead_letters_kept', { queue: batch.queue, count: others.length })
    }
    if (events.length > 0) await archiveEvents(ctx, events)
    batch.ackAll()
  } catch (error) {
    const { name, code } = describeFailure(error)
    log('error', 'queue_batch_failed', { queue: batch.queue, error: name, code })
    batch.retryAll({ delaySeconds: 10 })
  }
}
