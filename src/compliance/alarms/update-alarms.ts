import { sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { type AlarmFindings, type AlarmName, alarmNames, standingAlarms } from '../../core/alarm.ts'
import { log } from '../../core/log.ts'
import { columnsOf, withRows } from '../../storage/database/rows.ts'
import { assignments, excluded, insertInto, onConflict, plusOne } from '../../storage/database/writes.ts'
import { alarms } from '../../storage/schema/index.ts'

/**
 * Raises, continues and ends alarms. The log has one line when an alarm begins and one when it ends. If the
 * database does not store an alarm, the line is written all the same: a trigger or an outage must not keep it
 * quiet. Index: primary key.
 */
export async function updateAlarms({ db, now }: Pick<Context, 'db' | 'now'>, findings: AlarmFindings): Promise<void> {
  const standing = standingAlarms(findings)
  const ended = alarmNames.filter((name) => findings[name] === false)
  const stored = new Map<AlarmName, number>()
  try {
    const answer = await db.batch({
      ended: deleteAlarms(ended),
      standing: standing.length === 0 ? undefined : storeAlarms(standing, now),
    })
    for (const { name } of answer.ended) log('info', 'alarm_ended', { name })
    for (const { name, count } of answer.standing) stored.set(name, count)
  } finally {
    for (const name of standing) if ((stored.get(name) ?? 1) === 1) log('error', 'alarm', { name })
  }
}

const named = { name: alarms.name } as const
const counted = { ...named, count: alarms.count } as const

const deleteAlarms = (names: readonly AlarmName[]) =>
  withRows(
    named,
    sql`DELETE FROM alarms WHERE name IN (SELECT value FROM json_each(${JSON.stringify(names)})) RETURNING ${columnsOf(named)}`,
  )

/** Of two runs at once, the later one may finish first. */
const latest = sql`max(${alarms.lastAt}, ${excluded(alarms.lastAt)})`

const storeAlarms = (names: readonly AlarmName[], now: number) =>
  withRows(
    counted,
    sql`
      ${insertInto(
        alarms,
        { name: sql`value`, since: now, last_at: now, count: 1 },
        { from: sql`json_each(${JSON.stringify(names)})` },
      )}
      ${onConflict([alarms.name], assignments(alarms, { last_at: latest, count: plusOne(alarms.count) }))}
      RETURNING ${columnsOf(counted)}`,
  )
