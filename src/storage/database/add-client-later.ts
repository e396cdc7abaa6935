import { sql } from 'drizzle-orm'
import type { UserId } from '../../core/ids.ts'
import { eventKeyOwner } from '../../core/key-owner.ts'
import type { MailPayload } from '../../core/mail-job.ts'
import type { DataKeyLookup, KeyVault, RequestFacts } from '../../core/ports.ts'
import { auditEvents, mailJobs } from '../schema/index.ts'
import type { Database } from './database.ts'
import { type CompleteEvent, encryptClient, intoOutbox } from './outbox.ts'
import { eventColumns, sentEvent } from './outbox-columns.ts'
import { type CompleteMail, sealMailPayload } from './outbox-mail.ts'
import { withRows } from './rows.ts'
import { assignments } from './writes.ts'

type Dependencies = Pick<RequestFacts, 'client' | 'now' | 'outbox'> & { readonly db: Database }

/** Looks up the key of an event's subject, or the month's for one without. */
export const keyOfSubject =
  ({ vault, now }: { readonly vault: KeyVault; readonly now: number }) =>
  (subjectId: UserId | null): Promise<DataKeyLookup> =>
    subjectId === null ? vault.system(now) : vault.find(subjectId)

/**
 * For an event's `later`: adds address and device behind the answer. Their key may be far away for a known
 * account and is near for an unknown one, and a clock would see that.
 * @param findKey of the event's subject, or of the month
 */
export const addClientLater =
  (ctx: Dependencies, findKey: (subjectId: UserId | null) => Promise<DataKeyLookup>): CompleteEvent =>
  async ({ id, subject_id }) => {
    const pii = await encryptClient(await findKey(subject_id), eventKeyOwner(subject_id, ctx.now), ctx.client)
    if (pii === undefined) return
    const change = withRows(
      sentEvent,
      sql`
        UPDATE audit_events SET ${assignments(auditEvents, { pii_enc: pii })}
        WHERE id = ${id} AND sent_at IS NULL RETURNING ${eventColumns}`,
    )
    await ctx.db.batch({ changed: intoOutbox(ctx.outbox, change) })
  }

interface MailDetails {
  /** Of the account that the mail is about. */
  readonly findKey: (userId: UserId) => Promise<DataKeyLookup>
  /** What else only the batch could tell that ordered the mail; undefined where there is nothing to add. */
  readonly facts?: () => MailPayload | undefined
}

/** The same for a mail's `later`, which says from where. */
export const addClientToMailLater =
  (ctx: Dependencies, { findKey, facts = () => ({}) }: MailDetails): CompleteMail =>
  async ({ id, userId }) => {
    const lookup = await findKey(userId)
    const told = facts()
    if (told === undefined) return
    const payload = await sealMailPayload(lookup, userId, { client: ctx.client, ...told })
    if (payload === undefined) return
    await ctx.db.batch({
      completed: sql`
        UPDATE mail_jobs SET ${assignments(mailJobs, { payload_enc: payload })} WHERE id = ${id} AND attempts = 0`,
    })
  }
