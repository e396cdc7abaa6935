import { sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { timePrefix } from '../core/ids.ts'
import { MAIL_GIVE_UP_DAYS, TICKET_MINUTES } from '../core/lifetimes.ts'
import { DAY_MS } from '../core/time.ts'
import { columnsOf, withRows } from '../storage/database/rows.ts'
import { assignments } from '../storage/database/writes.ts'
import { mailJobs } from '../storage/schema/index.ts'

/**
 * A job that is still open after this time was left by an aborted request, or its queue message was lost.
 */
const ORPHANED_AFTER_MS = 60_000

const PAGE = 100

/**
 * Sends the jobs that this request ordered to the queue. Never throws: if it fails, `resendMail` sends them
 * later.
 */
export async function sendOrderedMail({ sendMailJobs, outbox }: Pick<Context, 'sendMailJobs' | 'outbox'>) {
  try {
    await Promise.allSettled(outbox.unfinished)
    await sendMailJobs([...outbox.mailJobs])
  } catch {
    // The job is committed, so `resendMail` sends it again.
  }
}

/**
 * Sends open jobs and requests to the queue again, oldest first. Run by the cron. The consumer drops those
 * that were sent or are being sent.
 * @returns how many were sent to the queue; about `limit` at most
 */
export async function resendMail(ctx: Pick<Context, 'db' | 'sendMailJobs' | 'now'>, limit: number): Promise<number> {
  const { db, sendMailJobs, now } = ctx
  await db.batch({
    jobs: sql`
      UPDATE mail_jobs SET ${assignments(mailJobs, { failed_at: now })}
      WHERE sent_at IS NULL AND failed_at IS NULL AND created_at < ${now - MAIL_GIVE_UP_DAYS * DAY_MS}`,
    requests: sql`DELETE FROM mail_requests WHERE id < ${timePrefix(now - MAIL_GIVE_UP_DAYS * DAY_MS)}`,
    // Nobody waits for these any more, and a sign-up has an address in its row.
    signIns: sql`
      DELETE FROM mail_requests
      WHERE template IN ('sign-in', 'sign-up') AND id < ${timePrefix(now - TICKET_MINUTES['mail-sign-in'] * 60_000)}`,
  })
  let [sent, last]: [number, string] = [0, '']
  while (sent < limit) {
    const jobs = await db.all(openJobsAfter(last, now))
    await sendMailJobs(jobs.map(({ id }) => id))
    sent += jobs.length
    last = jobs.at(-1)?.id ?? ''
    if (jobs.length < PAGE) break
  }
  return sent
}

/** One page, ordered by id. Ids are ordered by time. */
const openJobsAfter = (last: string, now: number) =>
  withRows(
    openJob,
    sql`
      SELECT ${columnsOf(openJob)} FROM mail_jobs
      WHERE id > ${last} AND sent_at IS NULL AND failed_at IS NULL AND created_at < ${now - ORPHANED_AFTER_MS}
        AND (claimed_until IS NULL OR claimed_until <= ${now})
      UNION ALL SELECT id FROM mail_requests WHERE id > ${last} AND id < ${timePrefix(now - ORPHANED_AFTER_MS)}
      ORDER BY id LIMIT ${PAGE}`,
  )

const openJob = { id: mailJobs.id } as const
