import * as z from 'zod'
import { answerSchema, orNull, type View } from '../core/answer-schema.ts'
import { maskableShape } from '../profile/profile-shape.ts'
import { accountShape } from './account-view.ts'
import { erasureView } from './erasure-view.ts'
import { viewedFactorsView } from './factors-view.ts'

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

/** A profile, either complete or masked. */
const viewedProfileView = answerSchema('ViewedProfile', maskableShape)

/**
 * The answer of `GET /admin/users/{id}`: an account, and personal data that is masked unless the operator
 * gave a reason.
 */
export const viewedUserView = answerSchema('ViewedUser', () => ({
  ...accountShape(),
  /** Null when it cannot be read. */
  email: orNull(z.string()),
  profile: orNull(viewedProfileView.schema),
  has_password: z.boolean(),
  live_sessions: z.int(),
  factors: viewedFactorsView.schema,
  erasure: orNull(erasureView.schema),
  /**
   * `destroyed`: the person was erased. `unavailable`: no store answers right now, so no personal data is
   * shown.
   */
  data_key: z.string(),
  is_revealed: z.boolean(),
}))

export type ViewedUser = View<typeof viewedUserView>

/** The personal members of `ViewedUser`. */
export type PersonalView = Pick<ViewedUser, 'email' | 'profile'>
