import { archiveEvents } from '../compliance/archive/archive-events.ts'
import { keepDeadLetters } from '../compliance/archive/dead-letters.ts'
import { archivedEventSchema } from '../compliance/archive/segment.ts'
import type { Context } from '../context.ts'
import { describeFailure } from '../core/failure.ts'
import { log } from '../core/log.ts'
import { mailMessageSchema } from '../core/mail-job.ts'
import { report } from '../core/observation.ts'
import { deliverMail } from '../mail/deliver-mail.ts'

const RETRY_SECONDS = 10

/**
 * The queue handler. Audit events go to the archive, and mail jobs to the mail transport. Dead letters, and
 * messages of any other form, are stored where an operator can see them. A message is acknowledged only after
 * it was processed or stored.
 */
export async function consume(ctx: Context, batch: MessageBatch): Promise<void> {
  const { queue, messages } = batch
  const sentMs = messages.map(({ timestamp }) => timestamp.getTime())
  const retried = await dispatch(ctx, batch)
  report(ctx.metrics, {
    event: 'queue_batch',
    queue,
    messages: messages.length,
    retried,
    lag_ms: ctx.now - Math.min(ctx.now, ...sentMs),
    duration_ms: Date.now() - ctx.now,
  })
}

/** @returns how many messages were returned to the queue */
async function dispatch(ctx: Context, batch: MessageBatch): Promise<number> {
  if (batch.queue.endsWith('-audit')) return orRetryAll(batch, () => consumeEvents(ctx, batch))
  if (batch.queue.endsWith('-mail')) return consumeMail(ctx, batch)
  return orRetryAll(batch, () => keep(ctx, batch.queue, batch.messages))
}

async function consumeEvents(ctx: Context, batch: MessageBatch): Promise<void> {
  const parsed = batch.messages.map((message) => ({ message, event: archivedEventSchema.safeParse(message.body).data }))
  const events = parsed.flatMap(({ event }) => (event === undefined ? [] : [event]))
  const others = parsed.filter(({ event }) => event === undefined).map(({ message }) => message)
  await keep(ctx, batch.queue, others)
  if (events.length > 0) await archiveEvents(ctx, events)
}

/**
 * Sends mails one after the other, because each succeeds or fails on its own. Earlier mails of the batch may
 * have taken minutes, so each mail is claimed at the current time and not at the time of the batch.
 */
async function consumeMail(ctx: Context, batch: MessageBatch): Promise<number> {
  let retried = 0
  for (const message of batch.messages) {
    try {
      const job = mailMessageSchema.safeParse(message.body).data
      if (job === undefined) await keep(ctx, batch.queue, [message])
      const { retryInSeconds } = job ? await deliverMail({ ...ctx, now: Date.now() }, job.id) : { retryInSeconds: null }
      if (retryInSeconds === null) message.ack()
      else giveBack(message, retryInSeconds)
    } catch (error) {
      logFailure(batch, error)
      giveBack(message, RETRY_SECONDS)
    }
  }
  return retried

  function giveBack(message: Message, delaySeconds: number): void {
    message.retry({ delaySeconds })
    retried++
  }
}

async function keep(ctx: Context, queue: string, messages: readonly Message[]): Promise<void> {
  if (messages.length === 0) return
  await keepDeadLetters(
    ctx,
    messages.map(({ id, body }) => ({ id, body, queue })),
  )
  log('error', 'dead_letters_kept', { queue, count: messages.length })
}

/**
 * Acknowledges the whole batch, or returns all of it to the queue after a failure.
 * @returns how many messages were returned
 */
async function orRetryAll(batch: MessageBatch, work: () => Promise<void>): Promise<number> {
  try {
    await work()
    batch.ackAll()
    return 0
  } catch (error) {
    logFailure(batch, error)
    batch.retryAll({ delaySeconds: RETRY_SECONDS })
    return batch.messages.length
  }
}

function logFailure({ queue }: MessageBatch, error: unknown): void {
  const { name, code } = describeFailure(error)
  log('error', 'queue_batch_failed', { queue, error: name, code })
}
