import { sql } from 'drizzle-orm'
import { alarmNames } from '../../core/alarm.ts'
import { columnsOf, withRows } from '../../storage/database/rows.ts'
import { alarms } from '../../storage/schema/index.ts'

const members = { name: alarms.name, since: alarms.since, last_at: alarms.lastAt, count: alarms.count } as const

/** The active alarms, oldest first. The table has at most one row for each name. */
export const selectAlarms = withRows(
  members,
  sql`
    SELECT ${columnsOf(members)} FROM alarms
    WHERE name IN (SELECT value FROM json_each(${JSON.stringify(alarmNames)})) ORDER BY since, name`,
)
