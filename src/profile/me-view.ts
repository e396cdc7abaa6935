import * as z from 'zod'
import { answerSchema, orNull, time, type View } from '../core/answer-schema.ts'
import { ownShape } from './profile-shape.ts'

const profileView = answerSchema('Profile', () => ({ ...ownShape(), updated_at: time() }))

/** The signed-in user, as shown to clients. */
export const meView = answerSchema('Me', () => ({
  id: z.uuid(),
  email: z.string(),
  is_verified: z.boolean(),
  status: z.string(),
  roles: z.array(z.string()),
  created_at: time(),
  last_login_at: orNull(time()),
  profile: profileView.schema,
}))

export type Me = View<typeof meView>
