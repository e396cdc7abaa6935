import type { UserId } from './ids.ts'
import { type Period, periodOf } from './period.ts'

/**
 * The owner of a data key: a user, a month, or the archive. The month's system key encrypts the details of
 * events that have no subject. The names of archive segments are made with the key of the archive.
 */
export type KeyOwner = UserId | `system/${Period}` | typeof LOG_KEY_OWNER

/** The owner of the key of the archive. It is made once and never destroyed. */
export const LOG_KEY_OWNER = 'log'

/** The owner of the system key of a month. The retention job destroys that key. */
export const systemKeyOwner = (nowMs: number): KeyOwner => `system/${periodOf(nowMs)}`

/** The owner of the data key that encrypts the device details of an event. */
export const eventKeyOwner = (subjectId: UserId | null | undefined, occurredAtMs: number): KeyOwner =>
  subjectId ?? systemKeyOwner(occurredAtMs)
