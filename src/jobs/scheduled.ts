import { resendEvents, sendRecordedEvents } from '../compliance/archive/send-events.ts'
import { buildPendingExports } from '../compliance/export/build-pending-exports.ts'
import { findOpenJobs, openRuns } from '../compliance/job-runs.ts'
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

interface Task {
  readonly name: string
  readonly run: (ctx: Context) => Promise<unknown>
}

const beforeJobs: readonly Task[] = [
  { name: 'resend-events', run: (ctx) => resendEvents(ctx, 2000) },
  { name: 'resend-mail', run: (ctx) => resendMail(ctx, 2000) },
  { name: 'end-suspensions', run: (ctx) => endExpiredSuspensions(ctx, 200) },
]

const afterJobs: readonly Task[] = [
  { name: 'note-root-keys', run: noteRootKeys },
  // Last: a large export may use up what this invocation may call.
  { name: 'build-pending-exports', run: (ctx) => buildPendingExports(ctx, 10) },
]

const jobs = [...dailyJobs, ...requestedJobs, ...requestedKeyJobs]

/**
 * The cron. Every five minutes: sends what was left behind and continues unfinished jobs, those that an operator has
 * asked for among them. Once a day, and whenever it is triggered by hand: opens the daily jobs first.
 * A task that fails is logged and does not keep the others from running; its next turn continues it.
 */
export async function runScheduled(ctx: Context, cron: string): Promise<void> {
  if (cron !== HOUSEKEEPING_CRON) await attempt(ctx, { name: 'open-runs', run: openDailyRuns })
  for (const task of beforeJobs) await attempt(ctx, task)
  await attempt(ctx, { name: 'run-jobs', run: runOpenJobs })
  for (const task of afterJobs) await attempt(ctx, task)
  await sendRecordedEvents(ctx)
}

async function runOpenJobs(ctx: Context): Promise<void> {
  const open = await findOpenJobs(ctx)
  for (const job of jobs) if (open.has(job.name)) await attempt(ctx, { name: job.name, run: () => runJob(ctx, job) })
}

async function attempt(ctx: Context, { name: job, run }: Task): Promise<void> {
  try {
    await run(ctx)
  } catch (error) {
    const { name, code } = describeFailure(error)
    log('error', 'job_failed', { job, error: name, code })
  }
}

const openDailyRuns = (ctx: Context) =>
  openRuns(
    ctx,
    dailyJobs.filter(({ isDue }) => isDue?.(ctx) ?? true).map(({ name }) => name),
  )
