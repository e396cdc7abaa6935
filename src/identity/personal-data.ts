import { type SQL, sql } from 'drizzle-orm'
import type { UserId } from '../core/ids.ts'
import { rfc3339, rfc3339OrNull } from '../core/time.ts'
import { decryptEmail } from '../storage/database/email-field.ts'
import { deleteRows, type ErasureStatement, type PersonalDataOwner } from '../storage/database/personal-data.ts'
import { openSubject } from '../storage/database/social-logins.ts'
import { isTombstone, TOMBSTONE_INDEX } from '../storage/database/tombstone.ts'

/** Account, credential, linked identities and roles. */
export const personalData: PersonalDataOwner = {
  service: 'identity',
  tables: ['user_roles', 'credentials', 'social_logins', 'users'],
  kept: {},

  async exportPersonalData({ db }, userId, key) {
    const [[user], [credential], logins, roles] = await db.batch([
      selectUser(userId),
      selectCredential(userId),
      selectLogins(userId),
      sql<{ role: string }>`SELECT role FROM user_roles WHERE user_id = ${userId} ORDER BY role`,
    ])
    if (user === undefined) return {}
    return {
      account: {
        id: userId,
        email: await decryptEmail(key, userId, user.email_enc),
        is_verified: user.is_verified === 1,
        status: user.status,
        created_at: rfc3339(user.created_at),
        last_login_at: rfc3339OrNull(user.last_login_at),
        suspended_at: rfc3339OrNull(user.suspended_at),
        suspended_until: rfc3339OrNull(user.suspended_until),
        password_reset_required_at: rfc3339OrNull(user.reset_required_at),
        deleted_at: rfc3339OrNull(user.deleted_at),
        purge_after: rfc3339OrNull(user.purge_after),
      },
      credential: {
        is_password_set: credential?.is_password_set === 1,
        changed_at: rfc3339OrNull(credential?.changed_at ?? null),
      },
      identities: await Promise.all(logins.map((row) => describeLogin(key, userId, row))),
      roles: roles.map(({ role }) => role),
    }
  },

  erasePersonalData: (userId) => [
    deleteRows('user_roles', userId),
    deleteRows('credentials', userId),
    deleteRows('social_logins', userId),
    entomb(userId),
  ],
}

interface UserRow {
  readonly email_enc: string
  readonly is_verified: number
  readonly status: string
  readonly created_at: number
  readonly last_login_at: number | null
  readonly suspended_at: number | null
  readonly suspended_until: number | null
  readonly reset_required_at: number | null
  readonly deleted_at: number | null
  readonly purge_after: number | null
}

const selectUser = (userId: UserId): SQL<UserRow> => sql`
  SELECT email_enc, is_verified, status, created_at, last_login_at, suspended_at, suspended_until, reset_required_at,
    deleted_at, purge_after
  FROM users WHERE id = ${userId}`

/** The hash itself is never read here. */
const selectCredential = (userId: UserId): SQL<{ is_password_set: number; changed_at: number }> => sql`
  SELECT password_hash IS NOT NULL AS is_password_set, changed_at FROM credentials WHERE user_id = ${userId}`

interface LoginRow {
  readonly id: string
  readonly provider: string
  readonly provider_id_enc: string
  readonly linked_at: number
}

const selectLogins = (userId: UserId): SQL<LoginRow> => sql`
  SELECT id, provider, provider_id_enc, linked_at FROM social_logins WHERE user_id = ${userId} ORDER BY linked_at, id`

const describeLogin = async (key: CryptoKey, userId: UserId, row: LoginRow) => ({
  id: row.id,
  provider: row.provider,
  provider_id: await openSubject(key, userId, row.provider_id_enc),
  linked_at: rfc3339(row.linked_at),
})

/**
 * The row itself stays as a tombstone: audit events and the erasure record speak of its id, which leads nowhere any
 * more, and the address is free again.
 */
const entomb = (userId: UserId): ErasureStatement => ({
  table: 'users',
  statement: sql`
    UPDATE users SET email_index = ${TOMBSTONE_INDEX}, email_domain_index = '', email_enc = '', is_verified = 0,
      last_login_at = NULL, suspended_at = NULL, suspended_until = NULL, reset_required_at = NULL, status = 'deleted',
       security_epoch = security_epoch + 1
    WHERE id = ${userId} AND NOT ${isTombstone}`,
})
