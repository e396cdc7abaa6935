import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import type { ForAll } from '../core/for-all.ts'
import { IDEMPOTENCY_KEY_HOURS, IMPORT_DAYS, JOB_RUN_DAYS, MAIL_JOB_DAYS } from '../core/lifetimes.ts'
import { DAY_MS, HOUR_MS } from '../core/time.ts'
import { countChanges } from '../storage/database/count-changes.ts'

/** The most rows of one table that one page deletes. Keeps each transaction short. */
const PAGE = 1000

type Dependencies = Pick<Context, 'db' | 'settings' | 'now'>

/**
 * Deletes one page of each kind of expired row, as `retentionRules` define: archived events, counters, ended
 * sessions, used tokens, finished social sign-ins, sent mails, replayed dead letters, old runs and imports.
 * Events are deleted only after they were archived.
 * @returns how many rows were deleted in each table; all zero when no expired row is left
 */
export async function deleteExpiredRows(
  { db, settings, now }: Dependencies,
  forAll: ForAll,
): Promise<Record<string, number>> {
  const conditions: Record<string, SQL> = {
    audit_events: sql`archived_at IS NOT NULL AND archived_at < ${now - settings.AUDIT_HOT_DAYS * DAY_MS}`,
    idempotency_keys: sql`created_at < ${now - IDEMPOTENCY_KEY_HOURS * HOUR_MS}`,
    attempts: sql`ends_at < ${now}`,
    sessions: sql`expires_at < ${now}`,
    // A link is valid for an hour from the time its mail is sent. A token whose mail still waits is therefore
    // kept.
    one_time_tokens: sql`
      expires_at < ${now} AND id NOT IN (
        SELECT token_id FROM mail_jobs WHERE sent_at IS NULL AND failed_at IS NULL AND token_id IS NOT NULL)`,
    oauth_flows: sql`expires_at < ${now}`,
    // The quotas of notices count the mails of the last hour, so these are kept.
    mail_jobs: sql`created_at < ${now - MAIL_JOB_DAYS * DAY_MS} OR (sent_at IS NOT NULL AND created_at < ${now - HOUR_MS})`,
    dead_letters: sql`replayed_at < ${now}`,
    import_refusals: sql`import_id IN (SELECT id FROM imports WHERE ${isOldImport(now)})`,
    imports: sql`${isOldImport(now)} AND NOT EXISTS (SELECT 1 FROM import_refusals WHERE import_id = imports.id)`,
    job_runs: sql`finished_at < ${now - JOB_RUN_DAYS * DAY_MS}`,
  }
  const deleted: Record<string, number> = {}
  await forAll(Object.entries(conditions), async (tables) => {
    const pages = tables.map(([table, condition]) => [table, countChanges(deletePage(table, condition))] as const)
    const answers = await db.batch(Object.fromEntries(pages))
    for (const [table] of tables) deleted[table] = answers[table]?.[0]?.changed ?? 0
  })
  return deleted
}

const isOldImport = (now: number): SQL => sql`updated_at < ${now - IMPORT_DAYS * DAY_MS}`

const deletePage = (table: string, condition: SQL): SQL => sql`
  DELETE FROM ${sql.identifier(table)} WHERE rowid IN (
    SELECT rowid FROM ${sql.identifier(table)} WHERE ${condition} LIMIT ${PAGE})`
