import { sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { mailLinkExpiry } from '../core/lifetimes.ts'
import type { Row } from '../storage/database/members.ts'
import { columnsOf, computed, withRows } from '../storage/database/rows.ts'
import { assignments, plusOne } from '../storage/database/writes.ts'
import { mailJobs, oneTimeTokens, userProfiles, users } from '../storage/schema/index.ts'

/** A claimed job, with what the database knows of its recipient. */
const claimedJob = {
  id: mailJobs.id,
  user_id: mailJobs.userId,
  template: mailJobs.template,
  locale: mailJobs.locale,
  token_id: mailJobs.tokenId,
  payload_enc: mailJobs.payloadEnc,
  created_at: mailJobs.createdAt,
  attempts: mailJobs.attempts,
  /** Notices that this mail stands for. */
  held_back: mailJobs.heldBack,
  email_enc: computed.text(sql`coalesce(${mailJobs.emailEnc}, ${users.emailEnc})`),
  preferences_enc: userProfiles.preferencesEnc,
} as const
export type MailJob = Row<typeof claimedJob>

const claimedId = { id: mailJobs.id } as const

/** Nobody else sends the job for so long: more than a transport may take. */
const LEASE_MS = 2 * 60_000

/**
 * A link lives from the moment that it is made, which is when its mail is sent: an hour without mail must not
 * eat the hour that the reader has (ASVS 6.5.5).
 */

/**
 * `void`: its token was used, replaced or withdrawn, so the mail would lead nowhere. `taken`: sent, or being
 * sent.
 */
export type MailClaim =
  | { readonly kind: 'claimed'; readonly job: MailJob }
  | { readonly kind: 'void' }
  | { readonly kind: 'taken' }

/** Claims a job for one attempt, gives its link a full life, and reads what sending takes, in one batch. */
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
