import { sql } from 'drizzle-orm'
import type { Profile } from '../core/profile.ts'
import { rfc3339, rfc3339OrNull } from '../core/time.ts'
import { type SessionRef, sessionLives } from '../storage/database/live-session.ts'
import type { Row } from '../storage/database/members.ts'
import { prepareStatement } from '../storage/database/prepared.ts'
import { decryptProfile, profileColumns } from '../storage/database/profile-row.ts'
import { userRoleNames } from '../storage/database/roles.ts'
import { columnsOf, withRows } from '../storage/database/rows.ts'
import type { Statement } from '../storage/database/statement.ts'
import { decryptEmail } from '../storage/database/users.ts'
import { userProfiles, users } from '../storage/schema/index.ts'
import type { Me } from './me-view.ts'

/** The signed-in user, and the version of the profile for `ETag` and `If-Match`. */
export interface VersionedMe {
  readonly view: Me
  readonly version: number
}

const meMembers = {
  id: users.id,
  email_enc: users.emailEnc,
  is_verified: users.isVerified,
  status: users.status,
  created_at: users.createdAt,
  last_login_at: users.lastLoginAt,
  ...profileColumns,
  updated_at: userProfiles.updatedAt,
  roles: userRoleNames(users.id),
} as const

export type MeRow = Row<typeof meMembers>

/**
 * Selects the user, the profile and the roles while the session is live. Each table is read by its primary
 * key or an index.
 */
export const selectMe = (ref: SessionRef, now: number): Statement<MeRow> =>
  withRows(
    meMembers,
    sql`SELECT ${columnsOf(meMembers)} FROM sessions, users, user_profiles
      WHERE ${sessionLives(ref, now)} AND user_profiles.user_id = users.id`,
  )

/** `selectMe` as a prepared statement, for the route that is called most. */
export const selectMePrepared = prepareStatement(
  ({ userId, sessionId, now }: SessionRef & { readonly now: number }): Statement<MeRow> =>
    selectMe({ userId, sessionId }, now),
)

/** Decrypts a row. @throws CiphertextError if a column was altered or moved */
export async function decryptMe(key: CryptoKey, row: MeRow): Promise<VersionedMe> {
  const [email, profile] = await Promise.all([
    decryptEmail(key, row.id, row.email_enc),
    decryptProfile(key, row.id, row),
  ])
  return { view: showMe(row, { email, profile }), version: row.updated_at }
}

interface Decrypted {
  readonly email: string
  readonly profile: Profile
}

export const showMe = (
  row: Omit<MeRow, keyof typeof profileColumns | 'email_enc'>,
  { email, profile }: Decrypted,
): Me => ({
  id: row.id,
  email,
  is_verified: row.is_verified,
  status: row.status,
  roles: [...row.roles],
  created_at: rfc3339(row.created_at),
  last_login_at: rfc3339OrNull(row.last_login_at),
  profile: { ...profile, updated_at: rfc3339(row.updated_at) },
})
