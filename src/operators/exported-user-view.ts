import * as z from 'zod'
import { answerSchema, orNull, type View } from '../core/answer-schema.ts'
import { optionalShape } from '../profile/profile-shape.ts'
import { accountShape } from './account-view.ts'

const text = () => orNull(z.string())

function shape() {
  const { is_erased: _, ...account } = accountShape()
  return {
    ...account,
    /** False when the data key is destroyed or the row was altered. Then the personal data is missing. */
    is_readable: z.boolean(),
    email: text(),
    /** Whether the user or an operator requested the erasure; null without a request. */
    erasure_basis: text(),
    ...optionalShape(),
    identities: z.array(z.strictObject({ provider: z.string(), provider_id: z.string() })),
    password_hash: text().optional(),
    /** The secret of the authenticator app, base32, with SHA-1, six digits and 30 seconds. */
    totp_secret: text().optional(),
  }
}

/** A complete user. The members have the names that an import uses. */
const exportedUserView = answerSchema('ExportedUser', shape)

export type ExportedUser = View<typeof exportedUserView>

/** The answer of `POST /admin/user-export`. */
export const exportedUsersView = answerSchema('ExportedUsers', () => ({
  users: z.array(exportedUserView.schema),
  next_cursor: orNull(z.string()),
}))

export type ExportedUsers = View<typeof exportedUsersView>
