import * as z from 'zod'
import { answerSchema, orNull, time, type View } from '../../core/answer-schema.ts'
import { uncertainParts } from './uncertainty.ts'

/** An audit event, as shown to the person it is about. */
export const activityEventView = answerSchema('ActivityEvent', () => ({
  id: z.uuid(),
  occurred_at: time(),
  action: z.string(),
  outcome: z.enum(['success', 'failure']),
  by: z.enum(['you', 'operator', 'service', 'unknown']),
  user_agent: orNull(z.string()),
  ip: orNull(z.string()),
  city: orNull(z.string()),
  country: orNull(z.string()),
  detail: orNull(z.record(z.string(), z.unknown())),
  /**
   * What the service cannot vouch for: the whole event, or parts that the database may have changed. Empty
   * for nearly all events.
   */
  uncertain: z.array(z.enum(uncertainParts)),
}))

export type ActivityEvent = View<typeof activityEventView>

/** The answer of `GET /users/me/activity`. */
export const activityView = answerSchema('Activity', () => ({
  events: z.array(activityEventView.schema),
  /** Null on the last page. */
  next_cursor: orNull(z.string()),
}))

export type Activity = View<typeof activityView>
