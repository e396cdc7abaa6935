import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import type { ForAll } from '../core/for-all.ts'
import { timePrefix } from '../core/ids.ts'
import {
  IDEMPOTENCY_KEY_HOURS,
  IMPORT_DAYS,
  JOB_RUN_DAYS,
  MAIL_JOB_DAYS,
  REMOVED_PASSKEY_DAYS,
} from '../core/lifetimes.ts'
import type { Settings } from '../core/settings.ts'
import { DAY_MS, HOUR_MS } from '../core/time.ts'
import { countChanges } from '../storage/database/count-changes.ts'
import { columnsOf, computed, withRows } from '../storage/database/rows.ts'
import { bundledBefore } from './activity/bundle-period.ts'

/** The most rows of one table that one page deletes. Keeps each transaction short. */
const PAGE = 1000

/** The most counters that one page reads. Most of them have ended since the day before. */
const COUNTERS_PER_PAGE = 5000

type Dependencies = Pick<Context, 'db' | 'settings' | 'now'>

/**
 * Deletes one page of each kind of expired row, as `retentionRules` define: archived events about nobody,
 * counters, ended sessions, used tokens, finished social sign-ins, sent mails, replayed dead letters, old
 * runs and imports. Events are deleted only after they were archived.
 *
 * Every other table has an index that finds its expired rows. Counters are read page by page instead.
 * @param cursor key of the last counter that the previous page has read
 * @returns the cursor of the next page; `done` when all counters were read and no other expired row is left
 */
export async function deleteExpiredRows(
  { db, settings, now }: Dependencies,
  cursor: string | undefined,
  forAll: ForAll,
): Promise<{ readonly next: string | undefined; readonly counts: Record<string, number> }> {
  const last = await db.first(selectLastCounter(cursor))
  const conditions: Record<string, SQL> = {
    // Events about a person are moved into bundles instead. Index `audit_events_subject`. Those that the
    // archive refused are deleted a period later than they would have been moved. Primary key.
    audit_events: sql`
      (subject_id IS NULL AND id < ${timePrefix(now - settings.AUDIT_HOT_DAYS * DAY_MS)} AND archived_at IS NOT NULL)
      OR (id < ${timePrefix(refusedBefore(now, settings))} AND archived_at IS NULL AND archived_in = 0)`,
    idempotency_keys: sql`created_at < ${now - IDEMPOTENCY_KEY_HOURS * HOUR_MS}`,
    attempts: sql`key > ${cursor ?? ''} AND key <= ${last?.key ?? ''} AND ends_at < ${now}`,
    sessions: sql`expires_at < ${now}`,
    // A link is valid for an hour from the time its mail is sent. A token whose mail still waits is therefore
    // kept.
    one_time_tokens: sql`
      expires_at < ${now} AND id NOT IN (
        SELECT token_id FROM mail_jobs WHERE sent_at IS NULL AND failed_at IS NULL AND token_id IS NOT NULL)`,
    oauth_flows: sql`expires_at < ${now}`,
    spent_tickets: sql`expires_at < ${now}`,
    passkeys: sql`removed_at < ${now - REMOVED_PASSKEY_DAYS * DAY_MS}`,
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
  const isDone = last?.key == null && Object.values(deleted).every((count) => count === 0)
  return { next: isDone ? 'done' : (last?.key ?? cursor), counts: deleted }
}

const lastCounter = { key: computed.textOrNull(sql`max(key)`) } as const

/** The last counter of the page after this cursor. Null after the last page. */
const selectLastCounter = (cursor = '') =>
  withRows(
    lastCounter,
    sql`
      SELECT ${columnsOf(lastCounter)}
      FROM (SELECT key FROM attempts WHERE key > ${cursor} ORDER BY key LIMIT ${COUNTERS_PER_PAGE})`,
  )

const refusedBefore = (now: number, settings: Settings): number =>
  bundledBefore(now, settings) - settings.AUDIT_BUNDLE_DAYS * DAY_MS

const isOldImport = (now: number): SQL => sql`updated_at < ${now - IMPORT_DAYS * DAY_MS}`

const deletePage = (table: string, condition: SQL): SQL => sql`
  DELETE FROM ${sql.identifier(table)} WHERE rowid IN (
    SELECT rowid FROM ${sql.identifier(table)} WHERE ${condition} LIMIT ${table === 'attempts' ? COUNTERS_PER_PAGE : PAGE})`
