import type { UserId } from './ids.ts'
import { type Period, periodOf } from './period.ts'

/** Whose data key: a user's, or a month's system key for what has no subject. */
export type KeyOwner = UserId | `system/${Period}`

/** The key for what has no subject: one a month, destroyed by retention. */
export const systemKeyOwner = (nowMs: number): KeyOwner => `system/${periodOf(nowMs)}`

/** Whose key an event's device details are under. */
export const eventKeyOwner = (subjectId: UserId | null | undefined, occurredAtMs: number): KeyOwner =>
  subjectId ?? systemKeyOwner(occurredAtMs)
