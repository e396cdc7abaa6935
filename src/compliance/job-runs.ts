import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { newTimeOrderedId } from '../core/ids.ts'
import type { JobName } from '../core/job-name.ts'
import { columnsOf, withRows } from '../storage/database/rows.ts'
import { assignments, insertInto, plusOne } from '../storage/database/writes.ts'
import { jobRuns } from '../storage/schema/index.ts'

type Dependencies = Pick<Context, 'db' | 'now'>

/** A run of a paged job that has not come to its end. */
export interface OpenRun {
  readonly id: string
  readonly cursor: string | undefined
  /** How often the page at the cursor has been begun, this time included. */
  readonly attempts: number
}

/** How often a page is taken as a whole; from then on its items are taken one by one. */
export const WHOLE_ATTEMPTS = 3

/** Opens a run of each job that has none open. One that is open is continued instead. */
export async function openRuns(ctx: Dependencies, jobs: readonly JobName[]): Promise<void> {
  await ctx.db.batch({ opened: jobs.map((job) => openRun(ctx, job)) })
}

/** The statement that opens a run of a job, unless one is open: the next housekeeping continues it. */
export const openRun = ({ now }: Pick<Context, 'now'>, job: JobName): SQL => sql`
  ${insertInto(jobRuns, { id: newTimeOrderedId(now), job, started_at: now, updated_at: now })} ON CONFLICT DO NOTHING`

const openJob = { job: jobRuns.job } as const

/** The jobs that have a run to continue. Index `job_runs_open`. */
export async function findOpenJobs({ db }: Pick<Context, 'db'>): Promise<ReadonlySet<string>> {
  const runs = await db.all(
    withRows(openJob, sql`SELECT ${columnsOf(openJob)} FROM job_runs WHERE finished_at IS NULL`),
  )
  return new Set(runs.map(({ job }) => job))
}

const begunRun = { id: jobRuns.id, cursor: jobRuns.cursor, attempts: jobRuns.attempts } as const

/** The open run of a job. Its page counts as begun, also when the Worker ends before the page does. */
export async function beginPage({ db }: Dependencies, job: string): Promise<OpenRun | undefined> {
  const run = await db.first(
    withRows(
      begunRun,
      sql`
        UPDATE job_runs SET ${assignments(jobRuns, { attempts: plusOne(jobRuns.attempts) })}
        WHERE job = ${job} AND finished_at IS NULL
        RETURNING ${columnsOf(begunRun)}`,
    ),
  )
  return run && { ...run, cursor: run.cursor ?? undefined }
}

/**
 * Writes down how far a run got. A run that had to take the items of a page one by one goes on like that. Of
 * two invocations that worked on the same page, the first one moves the cursor and adds its counts.
 * @param next cursor of the next page, or `done`
 */
export async function recordProgress(
  { db, now }: Dependencies,
  run: OpenRun,
  { next, counts }: { readonly next: string | undefined; readonly counts: Readonly<Record<string, number>> },
): Promise<void> {
  const isDone = next === 'done'
  const added = JSON.stringify(counts)
  const progress = assignments(jobRuns, {
    updated_at: now,
    finished_at: isDone ? now : null,
    cursor: isDone ? null : (next ?? null),
    attempts: run.attempts > WHOLE_ATTEMPTS ? WHOLE_ATTEMPTS : 0,
    counts: sql`(SELECT json_group_object(key, total) FROM (
      SELECT key, sum(value) AS total FROM (
        SELECT key, value FROM json_each(${jobRuns.counts}) UNION ALL SELECT key, value FROM json_each(${added}))
      GROUP BY key))`,
  })
  await db.batch({
    progress: sql`
      UPDATE job_runs SET ${progress}
      WHERE id = ${run.id} AND finished_at IS NULL AND cursor IS ${run.cursor ?? null}`,
  })
}
