import { sql } from 'drizzle-orm'
import type { AlarmName } from '../../core/alarm.ts'
import { columnsOf, withRows } from '../../storage/database/rows.ts'
import { assignments, excluded, insertInto, onConflict, plusOne } from '../../storage/database/writes.ts'
import { alarms } from '../../storage/schema/index.ts'

const counted = { name: alarms.name, count: alarms.count } as const

/** Of two runs at once, the later one may finish first. */
const latest = sql`max(${alarms.lastAt}, ${excluded(alarms.lastAt)})`

/** Begins alarms, and counts those that are active already. */
export const storeAlarms = (names: readonly AlarmName[], now: number) =>
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
