import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import type { ForAll } from '../core/for-all.ts'
import { timePrefix } from '../core/ids.ts'
import type { JobName } from '../core/job-name.ts'
import { DAY_MS } from '../core/time.ts'
import type { Row } from '../storage/database/members.ts'
import { columnsOf, computed, withRows } from '../storage/database/rows.ts'
import type { Statement } from '../storage/database/statement.ts'
import { assignments } from '../storage/database/writes.ts'
import { auditEvents, deadLetters } from '../storage/schema/index.ts'

/** The most events that one page reads. */
const PAGE = 1000

const JOB = 'delete-client-details' satisfies JobName

/** The count under which a run that reached its end stores that end, in Unix milliseconds. */
const END = 'cleared_until'

type Dependencies = Pick<Context, 'db' | 'settings' | 'now'>

/**
 * Removes network address and device from one page of the events that are older than `AUDIT_SYSTEM_DAYS`,
 * also when `AUDIT_HOT_DAYS` keeps the events longer. A run begins where the last complete run ended, so that
 * it does not read all old events again each day. The last page does the same for messages that the queue
 * gave up on.
 * @param cursor id of the last event of the previous page
 */
export async function deleteClientDetails(
  { db, settings, now }: Dependencies,
  cursor: string | undefined,
  forAll: ForAll,
): Promise<{ readonly next: string | 'done'; readonly counts: Record<string, number> }> {
  const endMs = now - settings.AUDIT_SYSTEM_DAYS * DAY_MS
  const rows = await db.all(selectPage(cursor ?? timePrefix(await readStart({ db })), timePrefix(endMs)))
  const due = rows.flatMap(({ id, has_details }) => (has_details ? [id] : []))
  const cleared = await forAll(due, (ids) => db.batch({ cleared: clearEvents(ids) }))
  const failed = due.length - cleared.length
  const counts = { cleared: cleared.length, ...(failed > 0 && { failed }) }
  const last = rows.at(-1)
  if (rows.length === PAGE && last !== undefined) return { next: last.id, counts }
  await db.batch({ letters: clearLetters(endMs) })
  return { next: 'done', counts: { ...counts, [END]: endMs } }
}

const runEnd = {
  end_ms: computed.integer(sql`coalesce(max(counts ->> ${sql.raw(`'${END}'`)}), 0)`),
} as const

/** Where the last run ended that cleared every event. Index `job_runs_job`. */
async function readStart({ db }: Pick<Context, 'db'>): Promise<number> {
  const found = await db.first(
    withRows(
      runEnd,
      sql`
        SELECT ${columnsOf(runEnd)} FROM job_runs
        WHERE job = ${JOB} AND finished_at IS NOT NULL AND counts ->> 'failed' IS NULL`,
    ),
  )
  return found?.end_ms ?? 0
}

/**
 * SQL condition: the column holds the note of an operator. Version 0.2.0 stored it there, in place of the
 * operator's own address and device.
 */
const isNote: SQL = sql`
  (${auditEvents.seal} IS NULL AND ${auditEvents.actorType} = 'user' AND ${auditEvents.actorId} IS NOT ${auditEvents.subjectId})`

const agedEvent = {
  id: auditEvents.id,
  has_details: computed.flag(sql`${auditEvents.piiEnc} IS NOT NULL AND NOT ${isNote}`),
} as const

/** Reads the primary key. */
const selectPage = (after: string, before: string): Statement<Row<typeof agedEvent>> =>
  withRows(
    agedEvent,
    sql`
      SELECT ${columnsOf(agedEvent)} FROM audit_events WHERE id > ${after} AND id < ${before}
      ORDER BY id LIMIT ${PAGE}`,
  )

/** The seal of an event does not cover the column. */
const clearEvents = (ids: readonly string[]): SQL => sql`
  UPDATE audit_events SET ${assignments(auditEvents, { pii_enc: null })}
  WHERE id IN (SELECT value FROM json_each(${JSON.stringify(ids)}))`

/** Messages of version 0.2.0 hold the details. */
const clearLetters = (endMs: number): SQL => sql`
  UPDATE dead_letters
  SET ${assignments(deadLetters, { body: sql`json_set(${deadLetters.body}, '$.pii_enc', NULL)` })}
  WHERE received_at < ${endMs}
    AND CASE WHEN json_valid(body) THEN json_type(body, '$.pii_enc') = 'text' ELSE false END`
