import { sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import type { UserId } from '../core/ids.ts'
import { eventKeyOwner } from '../core/key-owner.ts'
import type { MailPayload } from '../core/mail-job.ts'
import type { DataKeyLookup } from '../core/ports.ts'
import { withRows } from '../storage/database/rows.ts'
import { assignments } from '../storage/database/writes.ts'
import { encryptClient, intoOutbox } from '../storage/outbox.ts'
import { eventColumns, sentEvent } from '../storage/outbox-columns.ts'
import { sealMailPayload } from '../storage/outbox-mail.ts'
import { auditEvents, mailJobs } from '../storage/schema/index.ts'

type Dependencies = Pick<Context, 'db' | 'client' | 'now' | 'outbox'>

interface Subject {
  /** Undefined for an unknown address. */
  readonly subjectId: UserId | undefined
  /** The key that the device details go under: the subject's, or the month's. */
  readonly pendingKey: Promise<DataKeyLookup>
}

interface Recipient {
  readonly userId: UserId
  readonly pendingKey: Promise<DataKeyLookup>
  readonly facts?: MailPayload
}

/**
 * Adds address and device to an event behind the answer: their key may be far away for a known account and is near
 * for an unknown one, and a clock would see that. The event waits for it before it is sent.
 */
export function addClientLater(ctx: Dependencies, eventId: string, subject: Subject): void {
  finishLater(ctx, addClient(ctx, eventId, subject))
}

async function addClient(ctx: Dependencies, eventId: string, { subjectId, pendingKey }: Subject): Promise<void> {
  const pii = await encryptClient(await pendingKey, eventKeyOwner(subjectId, ctx.now), ctx.client)
  if (pii === undefined) return
  const change = withRows(
    sentEvent,
    sql`
      UPDATE audit_events SET ${assignments(auditEvents, { pii_enc: pii })}
      WHERE id = ${eventId} AND sent_at IS NULL RETURNING ${eventColumns}`,
  )
  await ctx.db.batch({ changed: intoOutbox(ctx.outbox, change) })
}

/**
 * The same for a mail that says from where, and what else only the batch that ordered it could tell: it is ordered at
 * once, and sent when this is done. A notice that was held back says nothing of the kind.
 * @param jobId that the mail was ordered with
 */
export function addClientToMailLater(ctx: Dependencies, jobId: string, recipient: Recipient): void {
  if (ctx.outbox.mailJobs.has(jobId)) finishLater(ctx, addToMail(ctx, jobId, recipient))
}

async function addToMail(ctx: Dependencies, jobId: string, { userId, pendingKey, facts }: Recipient) {
  const payload = await sealMailPayload(await pendingKey, userId, { client: ctx.client, ...facts })
  if (payload === undefined) return
  await ctx.db.batch({
    completed: sql`
      UPDATE mail_jobs SET ${assignments(mailJobs, { payload_enc: payload })} WHERE id = ${jobId} AND attempts = 0`,
  })
}

/** It may fail long before anyone waits for it: then the event or the mail goes without its details. */
function finishLater({ outbox }: Dependencies, work: Promise<void>): void {
  outbox.unfinished.push(work.catch(() => undefined))
}
