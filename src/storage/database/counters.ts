import { type SQL, sql } from 'drizzle-orm'
import type { Quota } from '../../core/rate-limit-policies.ts'
import { attempts } from '../schema/index.ts'
import type { Row } from './members.ts'
import { columnsOf, withRows } from './rows.ts'
import type { Statement } from './statement.ts'
import { assignments, excluded, insertInto, onConflict, plusOne } from './writes.ts'

/** A counter in the table `attempts`, and its quota. */
export interface Counter {
  /** Keyed fingerprint. The subject cannot be read from it. */
  readonly key: string
  readonly quota: Quota
  /** SQL condition: while it does not hold, the counter is neither increased nor checked. */
  readonly onlyIf?: SQL
}

const countRow = { key: attempts.key, count: attempts.count, ends_at: attempts.endsAt } as const
export type CountRow = Row<typeof countRow>

/**
 * Increases every counter by one, and returns the counts. Counting before the work is done holds a quota even
 * when many requests arrive at once (ASVS 6.3.1). After its window has ended, a counter starts again at one.
 * A quota with `isProlonged` ends its window later with every count. Primary key `attempts.key`.
 * @param onlyIf SQL condition: while it does not hold, nothing is counted
 */
export function countUp(counters: readonly Counter[], now: number, onlyIf: SQL = sql`true`): Statement<CountRow> {
  const prolonged = counters.filter(({ quota }) => quota.isProlonged)
  const hasPassed = sql`${attempts.endsAt} <= ${now}`
  return withRows(
    countRow,
    sql`
      ${insertFirst(counters, now, onlyIf)}
      ${onConflict(
        [attempts.key],
        assignments(attempts, {
          count: sql`CASE WHEN ${hasPassed} THEN 1 ELSE ${plusOne(attempts.count)} END`,
          window_start: sql`CASE WHEN ${hasPassed} THEN ${now} ELSE ${attempts.windowStart} END`,
          ends_at: sql`
            CASE WHEN ${hasPassed} OR ${attempts.key} IN ${keysIn(prolonged)} THEN ${excluded(attempts.endsAt)}
              ELSE ${attempts.endsAt} END`,
        }),
      )}
      RETURNING ${columnsOf(countRow)}`,
  )
}

/** Inserts each counter with a window that begins now. */
function insertFirst(counters: readonly Counter[], now: number, onlyIf: SQL): SQL {
  const windows = counters.map(({ key, quota }) => ({ key, endsAt: now + quota.windowMs }))
  return insertInto(
    attempts,
    { key: sql`value ->> 'key'`, window_start: now, ends_at: sql`value ->> 'endsAt'`, count: 1 },
    {
      from: sql`json_each(${JSON.stringify(windows)})`,
      onlyIf: sql`${onlyIf} ${andApplies(counters, sql`value ->> 'key'`)}`,
    },
  )
}

/** Part of SQLite's error message when `countOrFail` makes a batch fail. */
const OVER_QUOTA = 'over_quota'

/**
 * Increases every counter by one, like `countUp`, but makes the whole batch fail if a counter has reached its
 * quota. Then no statement of the batch takes effect, and nothing is counted. For batches whose other
 * statements do not check a quota.
 */
export function countOrFail(counters: readonly Counter[], now: number): SQL {
  const quotas = sql.join(counters.map(({ key, quota }) => sql`WHEN ${key} THEN ${quota.count} `))
  const hasPassed = sql`${attempts.endsAt} <= ${now}`
  const changes = assignments(attempts, {
    count: sql`
      CASE WHEN ${hasPassed} THEN 1
        WHEN ${attempts.count} < CASE ${attempts.key} ${quotas}END THEN ${plusOne(attempts.count)}
        ELSE json_extract('{}', ${sql.raw(`'${OVER_QUOTA}'`)}) END`,
    window_start: sql`CASE WHEN ${hasPassed} THEN ${now} ELSE ${attempts.windowStart} END`,
    ends_at: sql`CASE WHEN ${hasPassed} THEN ${excluded(attempts.endsAt)} ELSE ${attempts.endsAt} END`,
  })
  return sql`${insertFirst(counters, now, sql`true`)} ${onConflict([attempts.key], changes)}`
}

/** Whether `countOrFail` made a batch fail. SQLite's message contains the JSON path that it rejects. */
export const isOverQuota = (error: unknown): boolean =>
  error instanceof Error && error.message.includes(`'${OVER_QUOTA}'`)

/**
 * Counts a request that `countOrFail` has refused, on the counters that have reached their quota.
 * `isFirstRefused`, later in the same batch, tells whether the request is the first one over a quota. Returns
 * no row if no counter is at its quota any more.
 */
export function countRefused(counters: readonly Counter[], now: number): Statement<CountRow> {
  const refusing = counters.map(
    ({ key, quota, onlyIf = sql`true` }) => sql`(key = ${key} AND count >= ${quota.count} AND ${onlyIf})`,
  )
  return withRows(
    countRow,
    sql`
      UPDATE attempts SET ${assignments(attempts, { count: plusOne(attempts.count) })}
      WHERE ends_at > ${now} AND (${sql.join(refusing, sql` OR `)})
      RETURNING ${columnsOf(countRow)}`,
  )
}

/** SQL condition: none of these counters is over its quota. For statements after `countUp` in one batch. */
export const areWithinQuota = (counters: readonly Counter[]): SQL => sql`NOT ${anyCountIs(counters, sql`>`)}`

/** SQL condition: the request that `countUp` has just counted is the first one over a quota. */
export const justPassedQuota = (counters: readonly Counter[]): SQL => anyCountIs(counters, sql`= 1 +`)

/**
 * SQL condition: the request that `countRefused` has just counted is the first one over a quota. Checks the
 * end of the window, because `countRefused` leaves counters whose window has ended as they are.
 */
export const isFirstRefused = (counters: readonly Counter[], now: number): SQL =>
  anyCountIs(counters, sql`= 1 +`, sql`AND attempts.ends_at > ${now}`)

/**
 * SQL condition: the next request would be over one of these quotas. For statements before `countUp`, or part
 * of it.
 */
export function isUsedUp(counters: readonly Counter[], now: number): SQL {
  const quotas = counters.map(({ key, quota }) => ({ key, count: quota.count }))
  return sql`EXISTS (
    SELECT 1 FROM json_each(${JSON.stringify(quotas)}) AS quota, attempts AS known
    WHERE known.key = quota.value ->> 'key' AND known.count >= (quota.value ->> 'count') AND known.ends_at > ${now})`
}

/**
 * Whether one of the counters is over its quota after `countUp`. A counter that `countUp` did not return
 * counts as over its quota.
 */
export function isOver(counters: readonly Counter[], counted: readonly CountRow[]): boolean {
  const counts = new Map(counted.map(({ key, count }) => [key, count]))
  return counters.some(({ key, quota }) => (counts.get(key) ?? Number.POSITIVE_INFINITY) > quota.count)
}

/**
 * Takes back the count of `countUp`, if the window has not ended.
 * @param onlyIf SQL condition: while it does not hold, the count stays
 */
export const countDown = (counters: readonly Counter[], now: number, onlyIf: SQL = sql`true`): SQL => sql`
  UPDATE attempts SET ${assignments(attempts, { count: sql`${attempts.count} - 1` })}
  WHERE key IN ${keysIn(counters)} AND count > 0 AND ends_at > ${now} AND ${onlyIf}`

const clearedRow = { key: attempts.key } as const

/** Deletes the counters. @param onlyIf SQL condition: while it does not hold, they stay */
export const clearCounts = (
  counters: readonly Pick<Counter, 'key'>[],
  onlyIf: SQL = sql`true`,
): Statement<Row<typeof clearedRow>> =>
  withRows(
    clearedRow,
    sql`DELETE FROM attempts WHERE key IN ${keysIn(counters)} AND ${onlyIf} RETURNING ${columnsOf(clearedRow)}`,
  )

const currentRow = { ...countRow, recent_count: attempts.recentCount, recent_ends_at: attempts.recentEndsAt } as const
export type CurrentCount = Row<typeof currentRow>

/** The counters whose window has not ended. */
export const readCounts = (counters: readonly Pick<Counter, 'key'>[], now: number): Statement<CurrentCount> =>
  withRows(
    currentRow,
    sql`SELECT ${columnsOf(currentRow)} FROM attempts WHERE key IN ${keysIn(counters)} AND ends_at > ${now}`,
  )

function anyCountIs(counters: readonly Counter[], comparison: SQL, andAlso = sql``): SQL {
  const quotas = counters.map(({ key, quota }) => ({ key, count: quota.count }))
  return sql`EXISTS (
    SELECT 1 FROM json_each(${JSON.stringify(quotas)}) AS quota, attempts
    WHERE attempts.key = quota.value ->> 'key' AND attempts.count ${comparison} (quota.value ->> 'count') ${andAlso}
      ${andApplies(counters, sql`attempts.key`)})`
}

/**
 * The end of a WHERE clause: the counter with this key has no condition of its own, or its condition holds.
 */
const andApplies = (counters: readonly Counter[], key: SQL): SQL =>
  sql.join(counters.map(({ key: own, onlyIf }) => (onlyIf ? sql`AND (${key} <> ${own} OR ${onlyIf})` : sql``)))

const keysIn = (counters: readonly Pick<Counter, 'key'>[]): SQL =>
  sql`(SELECT value FROM json_each(${JSON.stringify(counters.map(({ key }) => key))}))`
