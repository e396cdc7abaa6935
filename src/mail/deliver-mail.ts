import { sql } from 'drizzle-orm'
import type { Mailing } from '../context.ts'
import { describeFailure } from '../core/failure.ts'
import type { UserId } from '../core/ids.ts'
import { log } from '../core/log.ts'
import { MailRefusedError } from '../core/mail.ts'
import type { MailPayload } from '../core/mail-job.ts'
import { parseField } from '../core/profile.ts'
import { openMailPayload } from '../storage/database/outbox-mail.ts'
import { decryptProfileField } from '../storage/database/profile-row.ts'
import { columnsOf, withRows } from '../storage/database/rows.ts'
import { decryptEmail, isFreeFor } from '../storage/database/users.ts'
import { assignments, type Changes } from '../storage/database/writes.ts'
import { mailJobs, users } from '../storage/schema/index.ts'
import { chooseLocale } from './choose-locale.ts'
import { claimMailJob, type MailJob } from './claim-mail-job.ts'
import { describeMail } from './describe-mail.ts'
import { linkBaseOf } from './link-base.ts'
import { orderRequestedMail } from './order-requested-mail.ts'
import { renderMail } from './render-mail.ts'
import { sendSignUpMail } from './send-sign-up-mail.ts'

const freeRow = { id: users.id } as const

/** Seconds until the next attempt, or null if there is no further attempt. */
export interface Delivery {
  readonly retryInSeconds: number | null
}

const DONE: Delivery = { retryInSeconds: null }
const FIRST_RETRY_SECONDS = 15
const MAX_RETRY_SECONDS = 15 * 60

/**
 * Sends the mail of one job or request once, however often its queue message is delivered.
 *
 * The job is claimed before sending, and marked as sent afterwards. A crash between the two may cause a
 * second copy. Every attempt has the same id, so that a transport or receiver can drop the copy.
 * @param jobId id of the job, or of the request that becomes one
 * @throws if the database does not answer
 */
export async function deliverMail(ctx: Mailing, jobId: string): Promise<Delivery> {
  let claim = await claimMailJob(ctx, jobId)
  // There is no open job with this id. It may be a request, which becomes a job here.
  if (claim.kind === 'taken' && (await orderRequestedMail(ctx, jobId))) claim = await claimMailJob(ctx, jobId)
  if (claim.kind === 'taken') return { retryInSeconds: await sendSignUpMail(ctx, jobId) }
  if (claim.kind === 'void') return giveUp(ctx, jobId, 'void')
  // Without a sender, a job is given up before its address is decrypted, and without a warning for each.
  if (ctx.settings.MAIL_TRANSPORT === 'off') return giveUp(ctx, jobId, 'MailOff')
  const { job } = claim
  const lookup = await ctx.vault.find(job.user_id)
  // An erased person gets no mail.
  if (lookup.kind === 'destroyed') return giveUp(ctx, jobId, 'void')
  try {
    if (lookup.kind === 'unavailable') throw new DOMException('no key', 'KeyUnavailable')
    await send(ctx, job, lookup.key)
  } catch (error) {
    const { name } = describeFailure(error)
    if (!(error instanceof MailRefusedError)) return retryLater(ctx, job, name)
    log('warn', 'mail_refused', { template: job.template, attempts: job.attempts, error: name })
    return giveUp(ctx, jobId, name)
  }
  await noteFate(ctx, jobId, { sent_at: ctx.now, claimed_until: null, last_error: null })
  return DONE
}

async function send(ctx: Mailing, job: MailJob, key: CryptoKey): Promise<void> {
  const { ring, settings, mail: transport } = ctx
  const [payload, address, preferences] = await Promise.all([
    openPayload(key, job),
    decryptEmail(key, job.user_id, job.email_enc),
    decryptProfileField(key, job.user_id, 'preferences', job.preferences_enc),
  ])
  if (payload.onlyIfFree !== undefined && !(await isFree(ctx, job.user_id, payload.onlyIfFree))) return
  const linkBase = linkBaseOf(settings)
  const mail = await describeMail({ ring, linkBase }, job, payload)
  const preference = parseField('preferences', preferences)?.locale
  const locale = chooseLocale({ preference, acceptLanguage: job.locale ?? '' })
  const rendered = renderMail(mail, { productName: settings.PRODUCT_NAME, locale })
  await transport.send({ ...rendered, to: payload.to ?? address, idempotencyKey: job.id })
}

async function isFree({ db, now }: Mailing, userId: UserId, indexes: readonly string[]): Promise<boolean> {
  const row = await db.first(
    withRows(
      freeRow,
      sql`
        SELECT ${columnsOf(freeRow)} FROM users
        WHERE users.id = ${userId} AND ${isFreeFor(indexes, { userId: sql`users.id`, now })}`,
    ),
  )
  return row !== undefined
}

const openPayload = async (key: CryptoKey, job: MailJob): Promise<MailPayload> =>
  job.payload_enc === null ? {} : openMailPayload(key, { jobId: job.id, userId: job.user_id }, job.payload_enc)

/** The result of an attempt to send. */
async function noteFate({ db }: Mailing, jobId: string, fate: Changes<typeof mailJobs>): Promise<void> {
  await db.batch({ noted: sql`UPDATE mail_jobs SET ${assignments(mailJobs, fate)} WHERE id = ${jobId}` })
}

async function giveUp(ctx: Mailing, jobId: string, reason: string): Promise<Delivery> {
  await noteFate(ctx, jobId, { failed_at: ctx.now, last_error: reason })
  return DONE
}

async function retryLater(ctx: Mailing, job: MailJob, reason: string): Promise<Delivery> {
  const seconds = Math.min(FIRST_RETRY_SECONDS * 2 ** (job.attempts - 1), MAX_RETRY_SECONDS)
  await noteFate(ctx, job.id, { claimed_until: ctx.now + seconds * 1000, last_error: reason })
  log('warn', 'mail_failed', { template: job.template, attempts: job.attempts, error: reason })
  return { retryInSeconds: seconds }
}
