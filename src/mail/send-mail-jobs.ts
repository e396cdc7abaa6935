import { sql } from 'drizzle-orm'
import type { Context } from '../context.ts'

/** A job that is still there by then was left behind by a request that was cut off, or its message was lost. */
const ORPHANED_AFTER_MS = 60_000

/** After this nobody expects the mail any more. */
const GIVE_UP_AFTER_MS = 3 * 86_400_000

const PAGE = 100

/** Sends the jobs that this request has ordered to their queue. Never throws; the sweep makes good. */
export async function sendOrderedMail({ sendMailJobs, outbox }: Pick<Context, 'sendMailJobs' | 'outbox'>) {
  try {
    await Promise.allSettled(outbox.unfinished)
    await sendMailJobs(outbox.mailJobs)
  } catch {
    // The job is committed; it is sent again by `resendMail`.
  }
}

/** The sweep: sends open jobs to the queue again; the consumer drops what is sent or in hand. @returns how many */
export async function resendMail({ db, sendMailJobs, now }: Pick<Context, 'db' | 'sendMailJobs' | 'now'>) {
  const [, jobs] = await db.batch([
    sql`
      UPDATE mail_jobs SET failed_at = ${now}
      WHERE sent_at IS NULL AND failed_at IS NULL AND created_at < ${now - GIVE_UP_AFTER_MS}`,
    sql<{ id: string }>`
      SELECT id FROM mail_jobs
      WHERE sent_at IS NULL AND failed_at IS NULL AND created_at < ${now - ORPHANED_AFTER_MS}
        AND (claimed_until IS NULL OR claimed_until <= ${now})
      ORDER BY created_at LIMIT ${PAGE}`,
  ])
  await sendMailJobs(jobs.map(({ id }) => id))
  return jobs.length
}
