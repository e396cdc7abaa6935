import type { Settings } from '../core/settings.ts'
import { DAY_MS } from '../core/time.ts'

/** Absolute end of a session that starts now. */
export const absoluteExpiry = ({ SESSION_DAYS }: Pick<Settings, 'SESSION_DAYS'>, now: number): number =>
  now + SESSION_DAYS * DAY_MS

/** End of a session that is used now and then no more, if its absolute end does not come first. */
export const idleExpiry = ({ SESSION_IDLE_DAYS }: Pick<Settings, 'SESSION_IDLE_DAYS'>, now: number): number =>
  now + SESSION_IDLE_DAYS * DAY_MS
