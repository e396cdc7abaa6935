import { checkErasures } from '../compliance/alarms/check-erasures.ts'
import { compareSchema } from '../compliance/alarms/compare-schema.ts'
import { updateAlarms } from '../compliance/alarms/update-alarms.ts'
import { checkQuorum } from '../compliance/archive/checkpoint/check-quorum.ts'
import { endorseKeys } from '../compliance/archive/checkpoint/endorse-keys.ts'
import { publishCheckpoint } from '../compliance/archive/checkpoint/publish-checkpoint.ts'
import { sendRecordedEvents } from '../compliance/archive/events/send-events.ts'
import { followArchive } from '../compliance/archive/log/follow-log.ts'
import { resendEvents } from '../compliance/archive/log/resend-events.ts'
import { stampCheckpoint } from '../compliance/archive/timestamps/stamp-checkpoint.ts'
import { checkTree } from '../compliance/archive/tree/check-tree.ts'
import { projectArchive } from '../compliance/archive/tree/project-archive.ts'
import { isAnyDue } from '../compliance/erasure/claim-erasure.ts'
import { sealFound } from '../compliance/erasure/seal-found.ts'
import { sweepErased } from '../compliance/erasure/sweep-erased.ts'
import { buildPendingExports } from '../compliance/export/build-pending-exports.ts'
import { findOpenJobs, openRuns } from '../compliance/job-runs.ts'
import { readBacklog } from '../compliance/read-backlog.ts'
import type { Context } from '../context.ts'
import { type AlarmFindings, standingAlarms } from '../core/alarm.ts'
import { describeFailure } from '../core/failure.ts'
import { HOUSEKEEPING_CRON } from '../core/lifetimes.ts'
import { log } from '../core/log.ts'
import { type Backlog, report } from '../core/observation.ts'
import { endExpiredSuspensions } from '../identity/end-suspensions.ts'
import { resetDueFactors } from '../identity/factor-reset/reset-due-factors.ts'
import { noteRootKeys } from '../keys/note-root-keys.ts'
import { resendMail, sendOrderedMail } from '../mail/send-mail-jobs.ts'
import { dailyJobs } from './daily-jobs.ts'
import { requestedKeyJobs } from './key-jobs.ts'
import { requestedJobs } from './requested-jobs.ts'
import { runJob } from './run-job.ts'

interface Task<T = unknown> {
  readonly name: string
  readonly run: (ctx: Context) => Promise<T>
}

type Attempt = <T>(task: Task<T>) => Promise<T | undefined>

/** The trigger, and the time at which it was due (Unix milliseconds). */
type Trigger = Pick<ScheduledController, 'cron' | 'scheduledTime'>

const beforeJobs: readonly Task[] = [
  { name: 'seal-found', run: sealFound },
  { name: 'sweep-erased', run: sweepErased },
  { name: 'endorse-keys', run: endorseKeys },
  // Before events are sent again: some of them may be in a segment that a restored database does not know.
  { name: 'follow-archive', run: followArchive },
  { name: 'project-archive', run: projectArchive },
  { name: 'publish-checkpoint', run: publishCheckpoint },
  { name: 'resend-events', run: (ctx) => resendEvents(ctx, 2000) },
  { name: 'resend-mail', run: (ctx) => resendMail(ctx, 2000) },
  { name: 'end-suspensions', run: (ctx) => endExpiredSuspensions(ctx, 200) },
  // At most five calls for each person: the key, the batch, and the tombstones of sessions after it.
  { name: 'reset-factors', run: (ctx) => resetDueFactors(ctx, 20) },
]

const jobs = [...dailyJobs, ...requestedJobs, ...requestedKeyJobs]

/**
 * The order in which people who are due are erased before the markers are compared: after a restore that
 * brought back thousands, the comparison takes all of its share of many runs. Otherwise the markers come
 * first, so that people who came back are erased by the same run.
 */
const purgeFirst = jobs.toSorted((a, b) => Number(b.name === 'purge') - Number(a.name === 'purge'))

/**
 * The cron. Every five minutes it sends the events and mails that were left behind, and continues unfinished
 * jobs, including jobs that an operator requested. Once a day, and when it is triggered by hand, it opens the
 * daily jobs first. A task that fails is logged, does not stop the other tasks, and is continued by the next
 * run.
 */
export async function runScheduled(ctx: Context, { cron, scheduledTime }: Trigger): Promise<void> {
  const failures: string[] = []
  const attempt: Attempt = (task) => attemptTask(ctx, task, failures)
  if (cron !== HOUSEKEEPING_CRON) await attempt({ name: 'open-runs', run: openDailyRuns })
  for (const task of beforeJobs) await attempt(task)
  if (cron !== HOUSEKEEPING_CRON) await attempt({ name: 'stamp-checkpoint', run: stampCheckpoint })
  await attempt({ name: 'run-jobs', run: () => runOpenJobs(ctx, attempt) })
  const missingRootKeys = await attempt({ name: 'note-root-keys', run: noteRootKeys })
  // A large export may use up the calls that this invocation may make. Only short work may follow.
  await attempt({ name: 'build-pending-exports', run: (ctx) => buildPendingExports(ctx, 10) })
  await sendRecordedEvents(ctx)
  if (ctx.outbox.mailJobs.size > 0) await sendOrderedMail(ctx)
  const backlog = await attempt({ name: 'read-backlog', run: readBacklog })
  const schema = await attempt({ name: 'compare-schema', run: compareSchema })
  const erasures = await attempt({ name: 'check-erasures', run: checkErasures })
  const tree = await attempt({ name: 'check-tree', run: checkTree })
  const quorum = await attempt({ name: 'check-quorum', run: checkQuorum })
  const findings = { ...findAlarms(backlog, missingRootKeys), ...schema, ...erasures, ...tree, ...quorum }
  const raised = await attempt({ name: 'update-alarms', run: () => updateAlarms(ctx, findings) })
  report(ctx.metrics, {
    event: 'cron_run',
    cron,
    failed: failures.length,
    lag_ms: ctx.now - scheduledTime,
    duration_ms: Date.now() - ctx.now,
    backlog: backlog ?? null,
    alarms: [...standingAlarms(findings), ...(raised ?? [])],
  })
}

/** A check that failed gives no finding. */
const findAlarms = (backlog: Backlog | undefined, missingRootKeys: readonly number[] | undefined): AlarmFindings => ({
  dead_letters: backlog && backlog.dead_letters > 0,
  rejected_event: backlog && backlog.rejected_events > 0,
  overdue_erasures: backlog && backlog.overdue_erasures > 0,
  root_key_missing: missingRootKeys && missingRootKeys.length > 0,
})

async function runOpenJobs(ctx: Context, attempt: Attempt): Promise<void> {
  const open = await findOpenJobs(ctx)
  const isPurgeFirst = open.has('purge') && open.has('reopen-restored') && (await isAnyDue(ctx))
  for (const job of isPurgeFirst ? purgeFirst : jobs)
    if (open.has(job.name)) await attempt({ name: job.name, run: () => runJob(ctx, job) })
}

/** @returns undefined after a failure, which is logged and counted */
async function attemptTask<T>(ctx: Context, { name: job, run }: Task<T>, failures: string[]): Promise<T | undefined> {
  try {
    return await run(ctx)
  } catch (error) {
    const { name, code } = describeFailure(error)
    log('error', 'job_failed', { job, error: name, code })
    failures.push(job)
    return undefined
  }
}

const openDailyRuns = (ctx: Context) =>
  openRuns(
    ctx,
    dailyJobs.filter(({ isDue }) => isDue?.(ctx) ?? true).map(({ name }) => name),
  )
