import { sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import type { UserId } from '../core/ids.ts'
import type { Locale, MailTemplate } from '../core/mail.ts'

/** A claimed job, with what the database knows of its recipient. */
export interface MailJob {
  readonly id: string
  readonly userId: UserId
  readonly template: MailTemplate
  readonly locale: Locale | null
  readonly tokenId: string | null
  readonly payloadEnc: string | null
  readonly createdAtMs: number
  readonly attempts: number
  readonly emailEnc: string
  readonly preferencesEnc: string | null
  /** Notices that this mail stands for. */
  readonly heldBack: number
}

/** Nobody else sends the job for so long: more than a transport may take. */
const LEASE_MS = 2 * 60_000

/**
 * A link lives from the moment that it is made, which is when its mail is sent: an hour without mail must not eat the
 * hour that the reader has (ASVS 6.5.5).
 */
const LINK_MS = 60 * 60_000

/** `void`: its token was used, replaced or withdrawn, so the mail would lead nowhere. `taken`: sent, or being sent. */
export type MailClaim =
  | { readonly kind: 'claimed'; readonly job: MailJob }
  | { readonly kind: 'void' }
  | { readonly kind: 'taken' }

/** Claims a job for one attempt, gives its link a full life, and reads what sending takes, in one batch. */
export async function claimMailJob({ db, now }: Pick<Context, 'db' | 'now'>, jobId: string): Promise<MailClaim> {
  const isMine = sql`j.id = ${jobId} AND j.sent_at IS NULL AND j.claimed_until = ${now + LEASE_MS}`
  const [claimed, , [job]] = await db.batch([
    sql`
      UPDATE mail_jobs SET claimed_until = ${now + LEASE_MS}, attempts = attempts + 1
      WHERE id = ${jobId} AND sent_at IS NULL AND failed_at IS NULL
        AND (claimed_until IS NULL OR claimed_until <= ${now})
      RETURNING id`,
    sql`
      UPDATE one_time_tokens SET expires_at = max(expires_at, ${now + LINK_MS})
      WHERE consumed_at IS NULL AND id = (SELECT token_id FROM mail_jobs j WHERE ${isMine})`,
    sql<MailJob>`
      SELECT j.id, j.user_id AS userId, j.template, j.locale, j.token_id AS tokenId, j.payload_enc AS payloadEnc,
        j.created_at AS createdAtMs, j.attempts, j.held_back AS heldBack, coalesce(j.email_enc, u.email_enc) AS emailEnc,
        p.preferences_enc AS preferencesEnc
      FROM mail_jobs j JOIN users u ON u.id = j.user_id LEFT JOIN user_profiles p ON p.user_id = j.user_id
      WHERE ${isMine} AND (j.token_id IS NULL OR EXISTS (
        SELECT 1 FROM one_time_tokens t WHERE t.id = j.token_id AND t.consumed_at IS NULL))`,
  ])
  if (claimed.length === 0) return { kind: 'taken' }
  return job === undefined ? { kind: 'void' } : { kind: 'claimed', job }
}
