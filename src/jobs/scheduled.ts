import { resendEvents, sendRecordedEvents } from '../compliance/archive/send-events.ts'
import { buildPendingExports } from '../compliance/export/build-pending-exports.ts'
import { openRuns } from '../compliance/job-runs.ts'
import { noteRootKeys } from '../compliance/keys/note-root-keys.ts'
import type { Context } from '../context.ts'
import { describeFailure } from '../core/failure.ts'
import { HOUSEKEEPING_CRON } from '../core/lifetimes.ts'
import { log } from '../core/log.ts'
import { endExpiredSuspensions } from '../identity/end-suspensions.ts'
import { resendMail } from '../mail/send-mail-jobs.ts'
import { dailyJobs } from './daily-jobs.ts'
import { requestedKeyJobs } from './key-jobs.ts'
import { requestedJobs } from './requested-jobs.ts'
import { runJob } from './run-job.ts'

/** What every run of the cron does, in this order. */
const housekeeping: readonly { readonly name: string; readonly run: (ctx: Context) => Promise<unknown> }[] = [
  { name: 'resend-events', run: (ctx) => resendEvents(ctx, 2000) },
  { name: 'resend-mail', run: (ctx) => resendMail(ctx, 2000) },
  { name: 'end-suspensions', run: (ctx) => endExpiredSuspensions(ctx, 200) },
  ...[...dailyJobs, ...requestedJobs, ...requestedKeyJobs].map((job) => ({
    name: job.name,
    run: (ctx: Context) => runJob(ctx, job),
  })),
  { name: 'note-root-keys', run: noteRootKeys },
  // Last: a large export may use up what this invocation may call.
  { name: 'build-pending-exports', run: (ctx) => buildPendingExports(ctx, 10) },
]

/**
 * The cron. Every five minutes: sends what was left behind and continues unfinished jobs, those that an operator has
 * asked for among them. Once a day, and whenever it is triggered by hand: opens the daily jobs first.
 * A task that fails is logged and does not keep the others from running; its next turn continues it.
 */
export async function runScheduled(ctx: Context, cron: string): Promise<void> {
  const opening = cron === HOUSEKEEPING_CRON ? [] : [{ name: 'open-runs', run: openDailyRuns }]
  for (const task of [...opening, ...housekeeping]) {
    try {
      await task.run(ctx)
    } catch (error) {
      const { name, code } = describeFailure(error)
      log('error', 'job_failed', { job: task.name, error: name, code })
    }
  }
  await sendRecordedEvents(ctx)
}

const openDailyRuns = (ctx: Context) =>
  openRuns(
    ctx,
    dailyJobs.map(({ name }) => name),
  )
