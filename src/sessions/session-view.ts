import * as z from 'zod'
import { answerSchema, orNull, time, type View } from '../core/answer-schema.ts'
import { assuranceLevels } from '../core/assurance.ts'

/** A live session, as shown to its owner. */
export const sessionView = answerSchema('Session', () => ({
  id: z.uuid(),
  /** Whether this is the session of the request. */
  current: z.boolean(),
  created_at: time(),
  last_used_at: time(),
  expires_at: time(),
  /** For example `Firefox on Linux`. */
  device: orNull(z.string()),
  user_agent: orNull(z.string()),
  ip: orNull(z.string()),
  city: orNull(z.string()),
  country: orNull(z.string()),
  /** The host of the application that has the session; null where it is of no application. */
  application: orNull(z.string()),
  amr: z.array(z.string()),
  /** The level of `amr`. */
  acr: z.enum(assuranceLevels),
}))

export type SessionView = View<typeof sessionView>

/** The answer of `GET /users/me/sessions`. */
export const sessionListView = answerSchema('SessionList', () => ({ sessions: z.array(sessionView.schema) }))

export type SessionList = View<typeof sessionListView>
