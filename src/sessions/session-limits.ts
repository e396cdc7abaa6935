import type { Settings } from '../core/settings.ts'
import { DAY_MS } from '../core/time.ts'

/**
 * How many sessions one account may have. A sign-in above the limit ends other sessions
 * (`end-surplus-sessions.ts`). So the session list is complete, and ending or listing all sessions has a
 * bounded cost (ASVS 5.0, 7.1.2).
 */
export const MAX_SESSIONS = 100

/** The absolute end of a session that starts now, in Unix milliseconds. */
export const absoluteExpiry = ({ SESSION_DAYS }: Pick<Settings, 'SESSION_DAYS'>, now: number): number =>
  now + SESSION_DAYS * DAY_MS

/**
 * The end of a session that is not used again after now, in Unix milliseconds. The absolute end may come
 * first.
 */
export const idleExpiry = ({ SESSION_IDLE_DAYS }: Pick<Settings, 'SESSION_IDLE_DAYS'>, now: number): number =>
  now + SESSION_IDLE_DAYS * DAY_MS
