import { type SQL, sql } from 'drizzle-orm'
import type { Quota } from '../../core/rate-limit-policies.ts'
import { attempts } from '../schema/index.ts'
import { columnsOf, type Row, withRows } from './rows.ts'
import type { Statement } from './statement.ts'
import { assignments, excluded, insertInto, onConflict, plusOne } from './writes.ts'

/** A counter of `attempts`, and how far it may go. */
export interface Counter {
  /** Keyed fingerprint: who is counted cannot be read from it. */
  readonly key: string
  readonly quota: Quota
  /** SQL condition without which this one is neither counted nor asked. */
  readonly onlyIf?: SQL
}

const countRow = { key: attempts.key, count: attempts.count, ends_at: attempts.endsAt } as const
export type CountRow = Row<typeof countRow>

/**
 * Counts one under every key, and returns the counts: counting before anything is done is what holds a quota
 * when many arrive together (ASVS 6.3.1). A window that has passed starts anew, and a prolonged one ends
 * later. Primary key `attempts.key`.
 * @param onlyIf SQL condition without which nothing is counted
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

/** A window of each counter that begins now. */
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

/** What SQLite says of a batch that `countOrFail` has made fail. */
const OVER_QUOTA = 'over_quota'

/**
 * Counts one under every key, like `countUp`, and makes the whole batch fail when a counter stands at its
 * quota: then nothing of the batch takes effect, and nothing is counted. For batches whose other statements
 * know of no quota.
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

/** Whether a batch failed because of `countOrFail`: SQLite names the path that it refuses. */
export const isOverQuota = (error: unknown): boolean =>
  error instanceof Error && error.message.includes(`'${OVER_QUOTA}'`)

/**
 * Counts a request that `countOrFail` has refused, under the keys that refused it. The one that is the first
 * over its quota is known by `isFirstRefused` behind this. No row where no counter stands at its quota any
 * more.
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

/** SQL condition: none of these counters has passed its quota. For what follows `countUp` in one batch. */
export const areWithinQuota = (counters: readonly Counter[]): SQL => sql`NOT ${anyCountIs(counters, sql`>`)}`

/** SQL condition: the request that `countUp` just counted is the first one over a quota. */
export const justPassedQuota = (counters: readonly Counter[]): SQL => anyCountIs(counters, sql`= 1 +`)

/**
 * SQL condition: the request that `countRefused` just counted is the first one over a quota. A count whose
 * window has ended may stand there too, which `countRefused` did not touch.
 */
export const isFirstRefused = (counters: readonly Counter[], now: number): SQL =>
  anyCountIs(counters, sql`= 1 +`, sql`AND attempts.ends_at > ${now}`)

/**
 * SQL condition: the next request would pass one of these quotas. For what stands before `countUp`, or in it.
 */
export function isUsedUp(counters: readonly Counter[], now: number): SQL {
  const quotas = counters.map(({ key, quota }) => ({ key, count: quota.count }))
  return sql`EXISTS (
    SELECT 1 FROM json_each(${JSON.stringify(quotas)}) AS quota, attempts AS known
    WHERE known.key = quota.value ->> 'key' AND known.count >= (quota.value ->> 'count') AND known.ends_at > ${now})`
}

/** Whether what `countUp` counted is over its quota; so is what the database did not count. */
export function isOver(counters: readonly Counter[], counted: readonly CountRow[]): boolean {
  const counts = new Map(counted.map(({ key, count }) => [key, count]))
  return counters.some(({ key, quota }) => (counts.get(key) ?? Number.POSITIVE_INFINITY) > quota.count)
}

/**
 * Takes back what `countUp` counted, if its window still lasts.
 * @param onlyIf SQL condition without which it stays
 */
export const countDown = (counters: readonly Counter[], now: number, onlyIf: SQL = sql`true`): SQL => sql`
  UPDATE attempts SET ${assignments(attempts, { count: sql`${attempts.count} - 1` })}
  WHERE key IN ${keysIn(counters)} AND count > 0 AND ends_at > ${now} AND ${onlyIf}`

const clearedRow = { key: attempts.key } as const

/** Forgets the counts. @param onlyIf SQL condition without which they stay */
export const clearCounts = (
  counters: readonly Pick<Counter, 'key'>[],
  onlyIf: SQL = sql`true`,
): Statement<Row<typeof clearedRow>> =>
  withRows(
    clearedRow,
    sql`DELETE FROM attempts WHERE key IN ${keysIn(counters)} AND ${onlyIf} RETURNING ${columnsOf(clearedRow)}`,
  )

/** The counts that have not run out. */
export const readCounts = (counters: readonly Pick<Counter, 'key'>[], now: number): Statement<CountRow> =>
  withRows(
    countRow,
    sql`SELECT ${columnsOf(countRow)} FROM attempts WHERE key IN ${keysIn(counters)} AND ends_at > ${now}`,
  )

function anyCountIs(counters: readonly Counter[], comparison: SQL, andAlso = sql``): SQL {
  const quotas = counters.map(({ key, quota }) => ({ key, count: quota.count }))
  return sql`EXISTS (
    SELECT 1 FROM json_each(${JSON.stringify(quotas)}) AS quota, attempts
    WHERE attempts.key = quota.value ->> 'key' AND attempts.count ${comparison} (quota.value ->> 'count') ${andAlso}
      ${andApplies(counters, sql`attempts.key`)})`
}

/** The rest of a condition: the counter with this key has no condition of its own, or it holds. */
const andApplies = (counters: readonly Counter[], key: SQL): SQL =>
  sql.join(counters.map(({ key: own, onlyIf }) => (onlyIf ? sql`AND (${key} <> ${own} OR ${onlyIf})` : sql``)))

const keysIn = (counters: readonly Pick<Counter, 'key'>[]): SQL =>
  sql`(SELECT value FROM json_each(${JSON.stringify(counters.map(({ key }) => key))}))`
