import type { Context } from '../../context.ts'
import type { RaisedAlarm } from '../../core/alarm.ts'
import { log } from '../../core/log.ts'
import { storeAlarms } from './store-alarms.ts'

/**
 * Raises an alarm, or counts it if it is active. Every call writes a line to the log before it writes to the
 * database, which may be down, or in the hands of an attacker. Never throws.
 */
export async function raiseAlarm({ db, now }: Pick<Context, 'db' | 'now'>, name: RaisedAlarm): Promise<void> {
  log('error', 'alarm', { name })
  try {
    await db.batch({ raised: storeAlarms([name], now) })
  } catch {
    log('error', 'alarm_not_stored', { name })
  }
}
