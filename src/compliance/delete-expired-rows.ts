import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '../context.ts'

const DAY_MS = 86_400_000

/** Rows of one table that one page deletes: keeps each transaction short. */
const PAGE = 1000

/** How long rows stay after they have lost their use. */
const KEEP_MS = { attempts: DAY_MS, sessions: 30 * DAY_MS, oneTimeTokens: DAY_MS, jobRuns: 400 * DAY_MS } as const

type Dependencies = Pick<Context, 'db' | 'settings' | 'now'>

/**
 * One page of everything that has had its time: archived events, counters, ended sessions, used tokens, old runs.
 * Events leave only after they were archived. @returns how many rows of each; all zero when there is nothing left
 */
export async function deleteExpiredRows({ db, settings, now }: Dependencies): Promise<Record<string, number>> {
  const conditions: Record<string, SQL> = {
    audit_events: sql`archived_at IS NOT NULL AND archived_at < ${now - settings.AUDIT_HOT_DAYS * DAY_MS}`,
    attempts: sql`window_start < ${now - KEEP_MS.attempts}`,
    sessions: sql`expires_at < ${now - KEEP_MS.sessions}`,
    one_time_tokens: sql`expires_at < ${now - KEEP_MS.oneTimeTokens}`,
    job_runs: sql`finished_at < ${now - KEEP_MS.jobRuns}`,
  }
  const tables = Object.entries(conditions)
  const deleted = await db.batch(tables.map(([table, condition]) => deletePage(table, condition)))
  return Object.fromEntries(tables.map(([table], index) => [table, deleted[index]?.length ?? 0]))
}

const deletePage = (table: string, condition: SQL): SQL => sql`
  DELETE FROM ${sql.identifier(table)} WHERE rowid IN (
    SELECT rowid FROM ${sql.identifier(table)} WHERE ${condition} LIMIT ${PAGE})
  RETURNING 1`
