import type { UserId } from './ids.ts'
import { type Period, periodOf } from './period.ts'

/**
 * The owner of a data key: a user, or a month. The month's system key encrypts the details of events that
 * have no subject.
 */
export type KeyOwner = UserId | `system/${Period}`

/** The owner of the system key of a month. The retention job destroys that key. */
export const systemKeyOwner = (nowMs: number): KeyOwner => `system/${periodOf(nowMs)}`

/** The owner of the data key that encrypts the device details of an event. */
export const eventKeyOwner = (subjectId: UserId | null | undefined, occurredAtMs: number): KeyOwner =>
  subjectId ?? systemKeyOwner(occurredAtMs)
