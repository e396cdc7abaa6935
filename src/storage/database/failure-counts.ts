import { type SQL, sql } from 'drizzle-orm'
import type { Quota } from '../../core/rate-limit-policies.ts'
import { attempts } from '../schema/index.ts'
import { isUsedUp } from './counters.ts'
import type { Row } from './members.ts'
import { columnsOf, withRows } from './rows.ts'
import type { Runnable, Statement } from './statement.ts'
import { assignments, excluded, insertInto, onConflict, plusOne } from './writes.ts'

/** The failed attempts of one subject, in one row of `attempts`: those in a row, and the recent ones. */
export interface FailureCounter {
  /** Keyed fingerprint. The subject cannot be read from it. */
  readonly key: string
  readonly inARow: Quota
  /** Failures within a window that begins with the first of them. */
  readonly recent: Quota
  /** An attempt over the quota of recent failures is no failure in a row. */
  readonly skipsRefused?: true
  /** Key of the row in which version 0.2.0 counted the recent failures. It counts until its window ends. */
  readonly formerKey: string
  /** SQL condition: while it does not hold, the attempt is not counted. */
  readonly onlyIf?: SQL
}

const failureRow = { key: attempts.key, count: attempts.count, recent_count: attempts.recentCount } as const
export type FailureRow = Row<typeof failureRow>

/**
 * Counts one attempt of every subject as failed, before its password is compared. Returns the counts.
 * @param onlyIf SQL condition: while it does not hold, nothing is counted
 */
export function countFailure(counters: readonly FailureCounter[], now: number, onlyIf: SQL): Statement<FailureRow> {
  const isRecent = sql`${attempts.recentEndsAt} > ${now}`
  const before = sql`
    CASE WHEN ${isRecent} THEN ${attempts.recentCount} ELSE ${excluded(attempts.recentCount)} - 1 END`
  const isSkipped = sql.join([
    sql`false`,
    ...counters.map(({ key, recent, skipsRefused }) =>
      skipsRefused ? sql` OR (${attempts.key} = ${key} AND ${before} >= ${recent.count})` : sql``,
    ),
  ])
  const hasPassed = sql`${attempts.endsAt} <= ${now}`
  return withRows(
    failureRow,
    sql`
      ${insertFirst(counters, now, onlyIf)}
      ${onConflict(
        [attempts.key],
        assignments(attempts, {
          count: sql`
            CASE WHEN ${isSkipped} THEN ${attempts.count} WHEN ${hasPassed} THEN 1 ELSE ${plusOne(attempts.count)} END`,
          ends_at: sql`
            CASE WHEN NOT (${isSkipped}) AND (${hasPassed} OR ${attempts.key} IN ${prolonged(counters)})
              THEN ${excluded(attempts.endsAt)} ELSE ${attempts.endsAt} END`,
          recent_count: sql`${before} + 1`,
          recent_ends_at: sql`
            CASE WHEN ${isRecent} THEN ${attempts.recentEndsAt} ELSE ${excluded(attempts.recentEndsAt)} END`,
        }),
      )}
      RETURNING ${columnsOf(failureRow)}`,
  )
}

/** Inserts the first failure of each subject. The recent ones go on from those that version 0.2.0 counted. */
function insertFirst(counters: readonly FailureCounter[], now: number, onlyIf: SQL): SQL {
  const first = counters.map(({ key, formerKey, inARow, recent, skipsRefused }) => ({
    key,
    formerKey,
    endsAt: now + inARow.windowMs,
    recentEndsAt: now + recent.windowMs,
    countedBelow: skipsRefused ? recent.count : null,
  }))
  const before = sql`coalesce(former.count, 0)`
  return insertInto(
    attempts,
    {
      key: sql`value ->> 'key'`,
      window_start: now,
      count: sql`coalesce(${before} < (value ->> 'countedBelow'), 1)`,
      ends_at: sql`value ->> 'endsAt'`,
      recent_count: sql`${before} + 1`,
      recent_ends_at: sql`coalesce(former.ends_at, value ->> 'recentEndsAt')`,
    },
    {
      from: sql`
        json_each(${JSON.stringify(first)})
        LEFT JOIN attempts AS former ON former.key = value ->> 'formerKey' AND former.ends_at > ${now}`,
      onlyIf: sql.join([
        onlyIf,
        ...counters.map(({ key, onlyIf: own }) => (own ? sql` AND (value ->> 'key' <> ${key} OR ${own})` : sql``)),
      ]),
    },
  )
}

const prolonged = (counters: readonly FailureCounter[]): SQL => {
  const keys = counters.flatMap(({ key, inARow }) => (inARow.isProlonged ? [key] : []))
  return sql`(SELECT value FROM json_each(${JSON.stringify(keys)}))`
}

/** Whether `countFailure` has counted the attempt of this subject, and within both quotas. */
export function isReserved({ key, inARow, recent }: FailureCounter, counted: readonly FailureRow[]): boolean {
  const row = counted.find((candidate) => candidate.key === key)
  return row !== undefined && row.count <= inARow.count && row.recent_count <= recent.count
}

/**
 * SQL condition for statements after `countFailure` in one batch: neither quota of the subject is exceeded.
 */
export const isWithinFailures = ({ key, inARow, recent }: FailureCounter): SQL => sql`NOT EXISTS (
  SELECT 1 FROM attempts WHERE key = ${key} AND (count > ${inARow.count} OR recent_count > ${recent.count}))`

/** SQL condition: the next attempt of the subject would exceed one of its quotas. */
export const areFailuresUsedUp = ({ key, formerKey, inARow, recent }: FailureCounter, now: number): SQL => sql`(
  EXISTS (
    SELECT 1 FROM attempts AS known WHERE known.key = ${key} AND (
      (known.count >= ${inARow.count} AND known.ends_at > ${now})
      OR (known.recent_count >= ${recent.count} AND known.recent_ends_at > ${now})))
  OR ${isUsedUp([{ key: formerKey, quota: recent }], now)})`

/** Ends the failures in a row, and leaves the recent ones. */
export const forgetFailuresInARow = ({ key }: FailureCounter): Runnable => sql`
  UPDATE attempts SET ${assignments(attempts, { count: 0, ends_at: sql`${attempts.recentEndsAt}` })}
  WHERE key = ${key} AND count > 0`

/** The rows of a subject, for `clearCounts`. */
export const rowsOfFailures = ({ key, formerKey }: FailureCounter) => [{ key }, { key: formerKey }]
