import { sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { mailLinkExpiry } from '../core/lifetimes.ts'
import type { Row } from '../storage/database/members.ts'
import { columnsOf, computed, withRows } from '../storage/database/rows.ts'
import { assignments, plusOne } from '../storage/database/writes.ts'
import { mailJobs, oneTimeTokens, userProfiles, users } from '../storage/schema/index.ts'

/** A claimed job, with the recipient's columns from the database. */
const claimedJob = {
  id: mailJobs.id,
  user_id: mailJobs.userId,
  template: mailJobs.template,
  locale: mailJobs.locale,
  token_id: mailJobs.tokenId,
  payload_enc: mailJobs.payloadEnc,
  created_at: mailJobs.createdAt,
  attempts: mailJobs.attempts,
  /** The number of held-back notices that this mail reports. */
  held_back: mailJobs.heldBack,
  email_enc: computed.text(sql`coalesce(${mailJobs.emailEnc}, ${users.emailEnc})`),
  preferences_enc: userProfiles.preferencesEnc,
  two_step_due_at: users.twoStepDueAt,
} as const
export type MailJob = Row<typeof claimedJob>

const claimedId = { id: mailJobs.id } as const

/** How long a claim keeps other consumers from sending the job. It is longer than a transport may take. */
const LEASE_MS = 2 * 60_000

/**
 * The lifetime of a link starts when its mail is sent. An outage of the mail transport must not shorten the
 * time that the reader has (ASVS 6.5.5).
 */

/**
 * `void`: the token was used, replaced or revoked, so the link would not work. `taken`: the mail was sent, or
 * another consumer is sending it.
 */
export type MailClaim =
  | { readonly kind: 'claimed'; readonly job: MailJob }
  | { readonly kind: 'void' }
  | { readonly kind: 'taken' }

/**
 * In one batch: claims a job for one attempt, restarts the lifetime of its link, and reads the data for
 * sending.
 */
export async function claimMailJob({ db, now }: Pick<Context, 'db' | 'now'>, jobId: string): Promise<MailClaim> {
  const claimedUntil = now + LEASE_MS
  const isMine = sql`
    mail_jobs.id = ${jobId} AND mail_jobs.sent_at IS NULL AND mail_jobs.claimed_until = ${claimedUntil}`
  const { claimed, jobs } = await db.batch({
    claimed: withRows(
      claimedId,
      sql`
        UPDATE mail_jobs SET ${assignments(mailJobs, { claimed_until: claimedUntil, attempts: plusOne(mailJobs.attempts) })}
        WHERE id = ${jobId} AND sent_at IS NULL AND failed_at IS NULL
          AND (claimed_until IS NULL OR claimed_until <= ${now})
        RETURNING ${columnsOf(claimedId)}`,
    ),
    token: sql`
      UPDATE one_time_tokens SET ${assignments(oneTimeTokens, { expires_at: sql`max(${oneTimeTokens.expiresAt}, ${mailLinkExpiry(now)})` })}
      WHERE consumed_at IS NULL AND id = (SELECT token_id FROM mail_jobs WHERE ${isMine})`,
    jobs: withRows(
      claimedJob,
      sql`
        SELECT ${columnsOf(claimedJob)}
        FROM mail_jobs JOIN users ON users.id = mail_jobs.user_id
          LEFT JOIN user_profiles ON user_profiles.user_id = mail_jobs.user_id
        WHERE ${isMine} AND (mail_jobs.token_id IS NULL OR EXISTS (
          SELECT 1 FROM one_time_tokens t WHERE t.id = mail_jobs.token_id AND t.consumed_at IS NULL))`,
    ),
  })
  const [job] = jobs
  if (claimed.length === 0) return { kind: 'taken' }
  return job === undefined ? { kind: 'void' } : { kind: 'claimed', job }
}
