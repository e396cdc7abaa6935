import * as z from 'zod'
import { answerSchema, orNull, type View } from '../core/answer-schema.ts'
import { maskableShape } from '../profile/profile-shape.ts'
import { accountShape } from './account-view.ts'
import { erasureView } from './erasure-view.ts'

/** An account in a list. */
const listedUserView = answerSchema('ListedUser', () => ({
  ...accountShape(),
  /** Masked; null when it cannot be read. */
  email: orNull(z.string()),
}))

/** The answer of `GET /admin/users`. */
export const userListView = answerSchema('UserList', () => ({
  users: z.array(listedUserView.schema),
  next_cursor: orNull(z.string()),
}))

export type UserList = View<typeof userListView>

/** A profile, or what shows that a member is there and how it begins. */
const viewedProfileView = answerSchema('ViewedProfile', maskableShape)

/**
 * The answer of `GET /admin/users/{id}`: an account, and as much of the person as the operator gave a reason
 * for.
 */
export const viewedUserView = answerSchema('ViewedUser', () => ({
  ...accountShape(),
  /** Null: not readable. */
  email: orNull(z.string()),
  profile: orNull(viewedProfileView.schema),
  has_password: z.boolean(),
  live_sessions: z.int(),
  erasure: orNull(erasureView.schema),
  /**
   * `destroyed`: the person was erased. `unavailable`: no store answers right now, and nothing personal is
   * shown.
   */
  data_key: z.string(),
  is_revealed: z.boolean(),
}))

export type ViewedUser = View<typeof viewedUserView>

/** What of it is personal. */
export type PersonalView = Pick<ViewedUser, 'email' | 'profile'>
