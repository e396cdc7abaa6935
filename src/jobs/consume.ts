import { type DeadLetter, keepDeadLetters } from '../compliance/archive/events/dead-letters.ts'
import { acceptEvents } from '../compliance/archive/log/accept-events.ts'
import { archiveEvents } from '../compliance/archive/log/archive-events.ts'
import { growAfter } from '../compliance/archive/tree/grow-after.ts'
import { noteRestores } from '../compliance/erasure/note-restores.ts'
import type { Context } from '../context.ts'
import { describeFailure } from '../core/failure.ts'
import { log } from '../core/log.ts'
import { mailMessageSchema } from '../core/mail-job.ts'
import { report } from '../core/observation.ts'
import { deliverMail } from '../mail/deliver-mail.ts'

const FIRST_RETRY_SECONDS = 10
const MAX_RETRY_SECONDS = 15 * 60

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
  if (batch.queue.endsWith('-audit')) return consumeAudit(ctx, batch)
  if (batch.queue.endsWith('-mail')) return consumeMail(ctx, batch)
  return orRetryAll(batch, async () => {
    await keep(ctx, batch.queue, givenUp(batch))
    return []
  })
}

/** Archives events. The tree follows after their messages are acknowledged. */
async function consumeAudit(ctx: Context, batch: MessageBatch): Promise<number> {
  let archived: Archived | undefined
  const retried = await orRetryAll(batch, async () => {
    const consumed = await consumeEvents(ctx, batch)
    archived = consumed.archived
    return consumed.failed
  })
  if (archived !== undefined) await growAfter(ctx, archived.end, archived.written)
  return retried
}

type Archived = Awaited<ReturnType<typeof archiveEvents>>

interface Consumed {
  /** Messages that failed for themselves, and are retried alone. */
  readonly failed: readonly Message[]
  /** Undefined without an event that is accepted. */
  readonly archived: Archived | undefined
}

async function consumeEvents(ctx: Context, batch: MessageBatch): Promise<Consumed> {
  const { accepted, refused, retry } = await acceptEvents(ctx, batch)
  await keep(ctx, batch.queue, refused)
  await noteRestores(ctx, accepted)
  const archived = accepted.length === 0 ? undefined : await archiveEvents(ctx, accepted)
  const ids = new Set(archived?.again.map(({ event }) => event.id))
  const isLater = ({ body }: Message) => ids.has(String((body as { id?: unknown } | null | undefined)?.id))
  return { failed: [...retry, ...batch.messages.filter(isLater)], archived }
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
      if (job === undefined) await keep(ctx, batch.queue, [{ id: message.id, body: message.body, queue: batch.queue }])
      const { retryInSeconds } = job ? await deliverMail({ ...ctx, now: Date.now() }, job.id) : { retryInSeconds: null }
      if (retryInSeconds === null) message.ack()
      else giveBack(message, retryInSeconds)
    } catch (error) {
      logFailure(batch, error)
      giveBack(message)
    }
  }
  return retried

  function giveBack(message: Message, delaySeconds?: number): void {
    retryLater(message, delaySeconds)
    retried++
  }
}

async function keep(ctx: Context, queue: string, letters: readonly DeadLetter[]): Promise<void> {
  if (letters.length === 0) return
  await keepDeadLetters(ctx, letters)
  log('error', 'dead_letters_kept', { queue, count: letters.length })
}

const givenUp = ({ queue, messages }: MessageBatch): DeadLetter[] =>
  messages.map(({ id, body }) => ({ id, body, queue }))

/**
 * Acknowledges the batch without the messages that `work` returns. After a failure, all of the batch is
 * retried. Each message has a delay of its own. So a message that makes every batch fail is soon in other
 * batches than the messages that failed with it.
 * @returns how many messages were returned to the queue
 */
async function orRetryAll(batch: MessageBatch, work: () => Promise<readonly Message[]>): Promise<number> {
  try {
    const failed = await work()
    for (const message of failed) retryLater(message)
    // Messages that are retried alone are not acknowledged.
    batch.ackAll()
    return failed.length
  } catch (error) {
    logFailure(batch, error)
    for (const message of batch.messages) retryLater(message)
    return batch.messages.length
  }
}

/** Returns a message to its queue. By default the delay doubles with every delivery, up to 15 minutes. */
function retryLater(message: Message, delaySeconds = retrySeconds(message)): void {
  message.retry({ delaySeconds })
}

const retrySeconds = ({ attempts }: Message): number =>
  Math.min(FIRST_RETRY_SECONDS * 2 ** (attempts - 1), MAX_RETRY_SECONDS)

function logFailure({ queue }: MessageBatch, error: unknown): void {
  const { name, code } = describeFailure(error)
  log('error', 'queue_batch_failed', { queue, error: name, code })
}
