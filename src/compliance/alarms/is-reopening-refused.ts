import { sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { columnsOf, computed, withRows } from '../../storage/database/rows.ts'

/** Whether the last pass over the erasure markers was refused. Index `job_runs_job`. */
export async function isReopeningRefused({ db }: Pick<Context, 'db'>): Promise<boolean> {
  return (await db.first(selectLastPass))?.is_refused === true
}

const lastPass = { is_refused: computed.flag(sql`coalesce(counts ->> '$.refused', 0) > 0`) } as const

const selectLastPass = withRows(
  lastPass,
  sql`
    SELECT ${columnsOf(lastPass)} FROM job_runs WHERE job = 'reopen-restored' AND finished_at IS NOT NULL
    ORDER BY id DESC LIMIT 1`,
)
