import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { type AlarmFindings, type AlarmName, checkedAlarms, raisedAlarms, standingAlarms } from '../../core/alarm.ts'
import { log } from '../../core/log.ts'
import { DAY_MS } from '../../core/time.ts'
import { columnsOf, withRows } from '../../storage/database/rows.ts'
import { alarms } from '../../storage/schema/index.ts'
import { storeAlarms } from './store-alarms.ts'

/** A raised alarm ends so long after it was last raised. */
const RAISED_FOR_MS = DAY_MS

/**
 * Raises, continues and ends the alarms that the cron checks, and ends those that requests raised. The log
 * has one line when an alarm begins and one when it ends. If the database does not store an alarm, the line
 * is written all the same: a trigger or an outage must not keep it quiet. Index: primary key.
 * @returns the active alarms that requests raised
 */
export async function updateAlarms(
  { db, now }: Pick<Context, 'db' | 'now'>,
  findings: AlarmFindings,
): Promise<readonly AlarmName[]> {
  const standing = standingAlarms(findings)
  const ended = checkedAlarms.filter((name) => findings[name] === false)
  const stored = new Map<AlarmName, number>()
  try {
    const answer = await db.batch({
      ended: deleteAlarms(ended, now),
      standing: standing.length === 0 ? undefined : storeAlarms(standing, now),
      raised: selectRaised,
    })
    for (const { name } of answer.ended) log('info', 'alarm_ended', { name })
    for (const { name, count } of answer.standing) stored.set(name, count)
    return answer.raised.map(({ name }) => name)
  } finally {
    for (const name of standing) if ((stored.get(name) ?? 1) === 1) log('error', 'alarm', { name })
  }
}

const named = { name: alarms.name } as const

const inList = (names: readonly AlarmName[]): SQL =>
  sql`name IN (SELECT value FROM json_each(${JSON.stringify(names)}))`

const deleteAlarms = (names: readonly AlarmName[], now: number) =>
  withRows(
    named,
    sql`
      DELETE FROM alarms WHERE ${inList(names)} OR (${inList(raisedAlarms)} AND last_at < ${now - RAISED_FOR_MS})
      RETURNING ${columnsOf(named)}`,
  )

const selectRaised = withRows(named, sql`SELECT ${columnsOf(named)} FROM alarms WHERE ${inList(raisedAlarms)}`)
