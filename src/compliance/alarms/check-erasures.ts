import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import type { AlarmFindings } from '../../core/alarm.ts'
import type { JobName } from '../../core/job-name.ts'
import { isReadableErasure, isUnfinished } from '../../storage/database/erasure-conditions.ts'
import { columnsOf, computed, withRows } from '../../storage/database/rows.ts'

type Findings = Pick<AlarmFindings, 'reopen_refused' | 'unsealed_erasure' | 'unsealed_hold' | 'unsigned_markers'>

/**
 * Whether a row of `erasures` was set aside, and what the last finished runs of two jobs have counted.
 * Indexes `erasures_refused`, `erasures_open` and `job_runs_job`.
 */
export async function checkErasures({ db }: Pick<Context, 'db'>): Promise<Findings> {
  return (await db.first(selectFindings)) ?? {}
}

/** SQL condition: the last finished run of the job has counted at least one. */
const lastRunFound = (job: JobName, count: string): SQL => sql`
  coalesce((SELECT counts ->> ${`$.${count}`} FROM job_runs WHERE job = ${job} AND finished_at IS NOT NULL
    ORDER BY id DESC LIMIT 1), 0) > 0`

const members = {
  reopen_refused: computed.flag(lastRunFound('reopen-restored', 'refused')),
  unsealed_erasure: computed.flag(sql`
    EXISTS (SELECT 1 FROM erasures WHERE refused_at IS NOT NULL AND ${isUnfinished})
    OR EXISTS (SELECT 1 FROM erasures WHERE ${isUnfinished} AND due_at IS NOT NULL AND NOT (${isReadableErasure}))`),
  unsealed_hold: computed.flag(lastRunFound('check-seals', 'unsealed_holds')),
  unsigned_markers: computed.flag(lastRunFound('reopen-restored', 'unsigned')),
} as const

const selectFindings = withRows(members, sql`SELECT ${columnsOf(members)}`)
