import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import type { Backlog } from '../core/observation.ts'
import { DAY_MS } from '../core/time.ts'
import { isClaimable, isHeldBack } from '../storage/database/erasure-conditions.ts'
import { columnsOf, computed, withRows } from '../storage/database/rows.ts'
import type { Statement } from '../storage/database/statement.ts'
import { erasures } from '../storage/schema/index.ts'

/** An event reaches the archive within seconds. After this time, it was lost or the consumer is behind. */
const LATE_MS = 15 * 60_000

/** Counting stops here: during an outage, the cron must not scan a long backlog every five minutes. */
const MOST = 10_000

/** Reads how much work is waiting. Each figure is read only from an index of open work. */
export async function readBacklog({ db, now }: Pick<Context, 'db' | 'now'>): Promise<Backlog> {
  const backlog = await db.first(selectBacklog(now))
  if (backlog === undefined) throw new Error('no backlog')
  return backlog
}

/**
 * Reads all of `mail_requests`, and the indexes `audit_events_unarchived`, `mail_jobs_open`,
 * `dead_letters_waiting`, `erasures_open`.
 */
export function selectBacklog(now: number): Statement<Backlog> {
  const members = backlogAt(now)
  return withRows(members, sql`SELECT ${columnsOf(members)}`)
}

const backlogAt = (now: number) =>
  ({
    unarchived_events: computed.integer(sql`
      min(${MOST}, ${countOf(sql`audit_events WHERE archived_at IS NULL AND archived_in IS NULL AND sent_at IS NULL`)}
        + ${countOf(sql`audit_events WHERE archived_at IS NULL AND archived_in IS NULL AND sent_at > 0`)})`),
    late_events: computed.integer(sql`
      min(${MOST}, ${countOf(sql`audit_events WHERE archived_at IS NULL AND archived_in IS NULL AND sent_at IS NULL AND ${isLate(now)}`)}
        + ${countOf(sql`audit_events WHERE archived_at IS NULL AND archived_in IS NULL AND sent_at > 0 AND ${isLate(now)}`)})`),
    open_mails: computed.integer(sql`
      min(${MOST}, ${countOf(sql`mail_jobs WHERE ${isOpen}`)} + ${countOf(sql`mail_requests WHERE id > ''`)})`),
    oldest_mail_ms: computed.integer(sql`
      (SELECT max(0, ${now} - coalesce(min(oldest), ${now})) FROM (
        SELECT min(created_at) AS oldest FROM mail_jobs WHERE ${isOpen}
        UNION ALL SELECT created_at FROM mail_requests WHERE id = (SELECT min(id) FROM mail_requests)))`),
    dead_letters: computed.integer(countOf(sql`${waitingLetters} AND reason IS NULL`)),
    rejected_events: computed.integer(countOf(sql`${waitingLetters} AND reason IS NOT NULL`)),
    overdue_erasures: computed.integer(
      countOf(sql`erasures WHERE ${isClaimable} AND ${erasures.dueAt} < ${now - DAY_MS} AND NOT ${isHeldBack}`),
    ),
  }) as const

const waitingLetters = sql`dead_letters WHERE replayed_at IS NULL AND received_at > 0`

const isLate = (now: number): SQL => sql`occurred_at < ${now - LATE_MS}`

const isOpen = sql`sent_at IS NULL AND failed_at IS NULL AND created_at > 0`

const countOf = (source: SQL): SQL => sql`(SELECT count(*) FROM (SELECT 1 FROM ${source} LIMIT ${MOST}))`
