import { type SQL, sql } from 'drizzle-orm'
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core'
import type { UserId } from '../core/ids.ts'
import { DAY_MS, rfc3339, rfc3339OrNull } from '../core/time.ts'
import type { Row } from '../storage/database/members.ts'
import { deleteRows, type ErasureStatement, type PersonalDataOwner } from '../storage/database/personal-data.ts'
import { columnsOf, computed, withRows } from '../storage/database/rows.ts'
import { openSubject } from '../storage/database/social-logins.ts'
import { decryptEmail, isTombstone, TOMBSTONE_INDEX } from '../storage/database/users.ts'
import { assignments, plusOne } from '../storage/database/writes.ts'
import { credentials, socialLogins, userRoles, users } from '../storage/schema/index.ts'

/** Exports and erases the account, the credential, the linked identities and the roles. */
export const identityPersonalData: PersonalDataOwner = {
  service: 'identity',
  tables: ['user_roles', 'credentials', 'social_logins', 'users'],
  kept: {},

  async exportPersonalData({ db }, userId, key) {
    const answers = await db.batch({
      user: selectUser(userId),
      credential: selectCredential(userId),
      logins: selectLogins(userId),
      roles: selectRoles(userId),
    })
    const [user] = answers.user
    const [credential] = answers.credential
    if (user === undefined) return {}
    return {
      account: {
        id: userId,
        email: await decryptEmail(key, userId, user.email_enc),
        is_verified: user.is_verified,
        status: user.status,
        created_at: rfc3339(user.created_at),
        last_login_at: rfc3339OrNull(user.last_login_at),
        suspended_at: rfc3339OrNull(user.suspended_at),
        suspended_until: rfc3339OrNull(user.suspended_until),
        password_reset_required_at: rfc3339OrNull(user.reset_required_at),
        two_step_at: rfc3339OrNull(user.two_step_at),
        two_step_due_at: rfc3339OrNull(user.two_step_due_at),
        deleted_at: rfc3339OrNull(user.deleted_at),
        purge_after: rfc3339OrNull(user.purge_after),
      },
      credential: {
        is_password_set: credential?.is_password_set ?? false,
        changed_at: rfc3339OrNull(credential?.changed_at ?? null),
      },
      identities: await Promise.all(answers.logins.map((row) => describeLogin(key, userId, row))),
      roles: answers.roles.map(({ role }) => role),
    }
  },

  erasePersonalData: (userId) => [
    deleteRows('user_roles', userId),
    deleteRows('credentials', userId),
    deleteRows('social_logins', userId),
    toTombstone(userId),
  ],
}

const exportedUser = {
  email_enc: users.emailEnc,
  is_verified: users.isVerified,
  status: users.status,
  created_at: users.createdAt,
  last_login_at: users.lastLoginAt,
  suspended_at: users.suspendedAt,
  suspended_until: users.suspendedUntil,
  reset_required_at: users.resetRequiredAt,
  two_step_at: users.twoStepAt,
  two_step_due_at: users.twoStepDueAt,
  deleted_at: users.deletedAt,
  purge_after: users.purgeAfter,
} as const

const selectUser = (userId: UserId) =>
  withRows(exportedUser, sql`SELECT ${columnsOf(exportedUser)} FROM users WHERE id = ${userId}`)

/** The password hash itself is never read here. */
const exportedCredential = {
  is_password_set: computed.flag(sql`password_hash IS NOT NULL`),
  changed_at: credentials.changedAt,
} as const

const selectCredential = (userId: UserId) =>
  withRows(exportedCredential, sql`SELECT ${columnsOf(exportedCredential)} FROM credentials WHERE user_id = ${userId}`)

const exportedLogin = {
  id: socialLogins.id,
  provider: socialLogins.provider,
  provider_id_enc: socialLogins.providerIdEnc,
  linked_at: socialLogins.linkedAt,
} as const

const selectLogins = (userId: UserId) =>
  withRows(
    exportedLogin,
    sql`SELECT ${columnsOf(exportedLogin)} FROM social_logins WHERE user_id = ${userId} ORDER BY linked_at, id`,
  )

const exportedRole = { role: userRoles.role } as const

const selectRoles = (userId: UserId) =>
  withRows(exportedRole, sql`SELECT ${columnsOf(exportedRole)} FROM user_roles WHERE user_id = ${userId} ORDER BY role`)

const describeLogin = async (key: CryptoKey, userId: UserId, row: Row<typeof exportedLogin>) => ({
  id: row.id,
  provider: row.provider,
  provider_id: await openSubject(key, { table: 'social_logins', id: row.id, userId }, row.provider_id_enc),
  linked_at: rfc3339(row.linked_at),
})

/**
 * Keeps the row of an erased user without personal data. Audit events and the erasure record contain the
 * user's id, which leads to no person any more. The address is free for a new account.
 */
const toTombstone = (userId: UserId): ErasureStatement => ({
  table: 'users',
  statement: sql`
    UPDATE users SET ${assignments(users, tombstone)} WHERE id = ${userId} AND NOT ${isTombstone}`,
})

/**
 * SQL: a time of a tombstone. It holds the day, because a finer time could be compared with other records.
 */
const dayOf = (column: SQLiteColumn): SQL => sql`${column} - ${column} % ${DAY_MS}`

const tombstone = {
  email_index: TOMBSTONE_INDEX,
  email_domain_index: '',
  email_enc: '',
  is_verified: false,
  last_login_at: null,
  suspended_at: null,
  suspended_until: null,
  reset_required_at: null,
  two_step_at: null,
  two_step_due_at: null,
  status: 'deleted',
  created_at: dayOf(users.createdAt),
  deleted_at: dayOf(users.deletedAt),
  purge_after: dayOf(users.purgeAfter),
  sign_in_count: 0,
  sign_ins_counted_until: 0,
  security_epoch: plusOne(users.securityEpoch),
} as const
