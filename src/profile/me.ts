import { type SQL, sql } from 'drizzle-orm'
import type { UserId } from '../core/ids.ts'
import type { Profile } from '../core/profile.ts'
import { rfc3339, rfc3339OrNull } from '../core/time.ts'
import { decryptEmail } from '../storage/database/email-field.ts'
import { type SessionRef, sessionLives } from '../storage/database/live-session.ts'
import { prepareStatement } from '../storage/database/prepared.ts'
import { decryptProfile, type EncryptedProfile } from '../storage/database/profile-row.ts'
import { parseRoles, rolesOf } from '../storage/database/roles.ts'

/** The signed-in user as clients see them. Times are RFC 3339. */
export interface Me {
  readonly id: UserId
  readonly email: string
  readonly is_verified: boolean
  readonly status: string
  readonly roles: readonly string[]
  readonly created_at: string
  readonly last_login_at: string | null
  readonly profile: Profile & { readonly updated_at: string }
}

/** `Me`, and the version of the profile for `ETag` and `If-Match`. */
export interface VersionedMe {
  readonly me: Me
  readonly version: number
}

export interface MeRow extends EncryptedProfile {
  readonly id: UserId
  readonly email_enc: string
  readonly is_verified: number
  readonly status: string
  readonly created_at: number
  readonly last_login_at: number | null
  readonly updated_at: number
  readonly roles: string
}

/** One statement: the session's life, the user, the profile and the roles, each by its primary key or index. */
export const selectMe = (ref: SessionRef, now: number): SQL<MeRow> => sql`
  SELECT users.id, users.email_enc, users.is_verified, users.status, users.created_at, users.last_login_at,
    p.full_name_enc, p.phone_number_enc, p.avatar_url_enc, p.bio_enc, p.preferences_enc, p.updated_at,
    ${rolesOf(sql`users.id`)} AS roles
  FROM sessions, users, user_profiles p
  WHERE ${sessionLives(ref, now)} AND p.user_id = users.id`

/** The same for the route that is called most. */
export const selectMePrepared = prepareStatement(
  ({ userId, sessionId, now }: SessionRef & { readonly now: number }): SQL<MeRow> =>
    selectMe({ userId, sessionId }, now),
)

/** Decrypts a row. @throws CiphertextError when a column was altered or moved */
export async function decryptMe(key: CryptoKey, row: MeRow): Promise<VersionedMe> {
  const [email, profile] = await Promise.all([
    decryptEmail(key, row.id, row.email_enc),
    decryptProfile(key, row.id, row),
  ])
  const me = {
    id: row.id,
    email,
    is_verified: row.is_verified === 1,
    status: row.status,
    roles: parseRoles(row.roles),
    created_at: rfc3339(row.created_at),
    last_login_at: rfc3339OrNull(row.last_login_at),
    profile: { ...profile, updated_at: rfc3339(row.updated_at) },
  }
  return { me, version: row.updated_at }
}
