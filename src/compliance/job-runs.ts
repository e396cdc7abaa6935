import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { newTimeOrderedId } from '../core/ids.ts'
import type { JobName } from '../core/job-name.ts'
import { columnsOf, withRows } from '../storage/database/rows.ts'
import { assignments, insertInto, plusOne } from '../storage/database/writes.ts'
import { jobRuns } from '../storage/schema/index.ts'

type Dependencies = Pick<Context, 'db' | 'now'>

/** A run of a paged job that is not finished. */
export interface OpenRun {
  readonly id: string
  readonly cursor: string | undefined
  /** How often the page at the cursor has been started, this time included. */
  readonly attempts: number
}

/** After this many failed attempts at a whole page, its items are processed one by one. */
export const WHOLE_ATTEMPTS = 3

/** Opens a run of each job that has no open run. An open run is continued instead. */
export async function openRuns(ctx: Dependencies, jobs: readonly JobName[]): Promise<void> {
  await ctx.db.batch({ opened: jobs.map((job) => openRun(ctx, job)) })
}

/**
 * The statement that opens a run of a job unless one is open. The next housekeeping continues it.
 * @param cursor where the run begins; by default at its beginning
 */
export const openRun = ({ now }: Pick<Context, 'now'>, job: JobName, cursor: string | null = null): SQL => sql`
  ${insertInto(jobRuns, { id: newTimeOrderedId(now), job, started_at: now, updated_at: now, cursor })}
  ON CONFLICT DO NOTHING`

const openJob = { job: jobRuns.job } as const

/** Finds the jobs that have an open run. Index `job_runs_open`. */
export async function findOpenJobs({ db }: Pick<Context, 'db'>): Promise<ReadonlySet<string>> {
  const runs = await db.all(
    withRows(openJob, sql`SELECT ${columnsOf(openJob)} FROM job_runs WHERE finished_at IS NULL`),
  )
  return new Set(runs.map(({ job }) => job))
}

const begunRun = { id: jobRuns.id, cursor: jobRuns.cursor, attempts: jobRuns.attempts } as const

/**
 * Reads the open run of a job and counts an attempt at its page. The attempt counts even when the Worker is
 * ended before the page is.
 */
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
 * Stores how far a run got. A run that had to process a page item by item continues item by item. When two
 * invocations worked on the same page, only the first one moves the cursor and adds its counts.
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
