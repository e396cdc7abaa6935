import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { AlarmName } from '../../core/alarm.ts'

/** The active alarms. A row is deleted when its alarm ends. */
export const alarms = sqliteTable('alarms', {
  name: text('name').$type<AlarmName>().primaryKey(),
  /** When a check first found its condition. */
  since: integer('since').notNull(),
  /** When a check last found it. */
  lastAt: integer('last_at').notNull(),
  /** How many checks found it. */
  count: integer('count').notNull(),
})
