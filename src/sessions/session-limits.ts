import type { Settings } from '../core/settings.ts'
import { DAY_MS } from '../core/time.ts'

/**
 * How many sessions one account may have. A sign-in beyond them ends others (`end-surplus-sessions.ts`), so
 * the list hides none, and whatever ends or shows them all has a bound (ASVS 5.0, 7.1.2).
 */
export const MAX_SESSIONS = 100

/** Absolute end of a session that starts now. */
export const absoluteExpiry = ({ SESSION_DAYS }: Pick<Settings, 'SESSION_DAYS'>, now: number): number =>
  now + SESSION_DAYS * DAY_MS

/** End of a session that is used now and then no more, if its absolute end does not come first. */
export const idleExpiry = ({ SESSION_IDLE_DAYS }: Pick<Settings, 'SESSION_IDLE_DAYS'>, now: number): number =>
  now + SESSION_IDLE_DAYS * DAY_MS
