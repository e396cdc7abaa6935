import { sql } from 'drizzle-orm'
import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { JobName } from '../../core/job-name.ts'

/** One run of a paged job: its cursor and its counts. A run that was aborted continues from its cursor. */
export const jobRuns = sqliteTable(
  'job_runs',
  {
    /** UUID v7. */
    id: text('id').primaryKey(),
    job: text('job').$type<JobName>().notNull(),
    startedAt: integer('started_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
    finishedAt: integer('finished_at'),
    cursor: text('cursor'),
    /** How often the page at the cursor has been started. */
    attempts: integer('attempts').notNull().default(0),
    /** JSON: counts by name. */
    counts: text('counts').notNull().default('{}'),
  },
  (table) => [
    uniqueIndex('job_runs_open').on(table.job).where(sql`finished_at IS NULL`),
    index('job_runs_job').on(table.job, table.id),
  ],
)
