import { sql } from 'drizzle-orm'
import { type UserId, userIdSchema } from '../../core/ids.ts'
import { eventKeyOwner } from '../../core/key-owner.ts'
import type { MailPayload } from '../../core/mail-job.ts'
import type { DataKeyLookup, KeyVault, RequestFacts } from '../../core/ports.ts'
import { auditEvents, mailJobs } from '../schema/index.ts'
import type { Database } from './database.ts'
import { encryptClientOf } from './event-details.ts'
import type { CompleteEvent } from './outbox.ts'
import { type CompleteMail, sealPayloadOf } from './outbox-mail.ts'
import { assignments } from './writes.ts'

type Dependencies = Pick<RequestFacts, 'client' | 'now' | 'outbox'> & { readonly db: Database }

/**
 * Looks up the data key of an event's subject, or the system key of the month if the event has no subject.
 */
export const keyOfSubject =
  ({ vault, now }: { readonly vault: KeyVault; readonly now: number }) =>
  (subjectId: UserId | null): Promise<DataKeyLookup> =>
    subjectId === null ? vault.system(now) : vault.find(subjectId)

/**
 * For an event's `later`: adds client address and device after the answer has been sent. Looking up the data
 * key of a known account takes longer than that of an unknown one, and an attacker could measure the
 * difference.
 * @param findKey looks up the data key of the event's subject, or the system key of the month
 */
export const addClientLater =
  (ctx: Dependencies, findKey: (subjectId: UserId | null) => Promise<DataKeyLookup>): CompleteEvent =>
  async ({ id, subject_id }) => {
    const subject = userIdSchema.nullable().parse(subject_id)
    const row = { eventId: id, owner: eventKeyOwner(subject, ctx.now) }
    const pii = await encryptClientOf(row, await findKey(subject), ctx.client)
    if (pii === undefined) return
    const changes = assignments(auditEvents, { pii_enc: pii })
    await ctx.db.batch({ changed: sql`UPDATE audit_events SET ${changes} WHERE id = ${id} AND pii_enc IS NULL` })
  }

interface MailDetails {
  /** Looks up the data key of the account that the mail is about. */
  readonly findKey: (userId: UserId) => Promise<DataKeyLookup>
  /**
   * More facts for the mail that only the batch that ordered it knows. Undefined: the payload stays as it is.
   */
  readonly facts?: () => MailPayload | undefined
}

/** For a mail's `later`: adds client address and device to its payload after the answer has been sent. */
export const addClientToMailLater =
  (ctx: Dependencies, { findKey, facts = () => ({}) }: MailDetails): CompleteMail =>
  async ({ id, userId }) => {
    const lookup = await findKey(userId)
    const known = facts()
    if (known === undefined) return
    const payload = await sealPayloadOf({ jobId: id, userId }, lookup, { client: ctx.client, ...known })
    if (payload === undefined) return
    await ctx.db.batch({
      completed: sql`
        UPDATE mail_jobs SET ${assignments(mailJobs, { payload_enc: payload })} WHERE id = ${id} AND attempts = 0`,
    })
  }
