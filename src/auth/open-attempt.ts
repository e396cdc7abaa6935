import { sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import type { UserId } from '../core/ids.ts'
import { blindIndex, blindIndexes } from '../crypto/blind-index.ts'
import type { EmailAddress } from '../identity/email-address.ts'
import { reserveAttempt } from './reserve-attempt.ts'

/** What sign-in needs to know of an account. */
export interface SignInAccount {
  readonly id: UserId
  readonly status: 'active' | 'suspended' | 'deleted'
  readonly isVerified: boolean
  readonly emailEnc: string
  readonly securityEpoch: number
  readonly roles: readonly string[]
  readonly passwordHash: string | null
}

export interface SignInAttempt {
  readonly account: SignInAccount | undefined
  /** Over the cap: the password must not be compared, even if it is right. */
  readonly isLocked: boolean
  /** Under which the attempts are counted: an unknown address locks like a known one. */
  readonly key: string
}

export interface AccountRow {
  readonly id: UserId
  readonly status: SignInAccount['status']
  readonly is_verified: number
  readonly email_enc: string
  readonly security_epoch: number
  readonly roles: string
  readonly password_hash: string | null
}

/** Of `users u` and `credentials c`. */
export const accountColumns = sql.raw(`u.id, u.status, u.is_verified, u.email_enc, u.security_epoch, c.password_hash,
  (SELECT json_group_array(role) FROM user_roles WHERE user_id = u.id) AS roles`)

/** Reserves an attempt and reads the account, in one batch: index `users_email_index`, then primary keys. */
export async function openAttempt(
  { db, ring, settings, now }: Pick<Context, 'db' | 'ring' | 'settings' | 'now'>,
  email: EmailAddress,
): Promise<SignInAttempt> {
  const [indexes, key] = await Promise.all([
    blindIndexes(ring, 'emailIndex', email.canonical),
    blindIndex(ring.newest, 'attemptIndex', `sign-in|${email.canonical}`),
  ])
  const windowMs = settings.SIGN_IN_WINDOW_MINUTES * 60_000
  const [reserved, accounts] = await db.batch([
    reserveAttempt(key, now, windowMs),
    sql<AccountRow>`
      SELECT ${accountColumns} FROM users u LEFT JOIN credentials c ON c.user_id = u.id
      WHERE u.email_index IN ${indexes}`,
  ])
  const count = reserved[0]?.count ?? Number.POSITIVE_INFINITY
  return { account: accounts[0] && toAccount(accounts[0]), isLocked: count > settings.SIGN_IN_MAX_FAILURES, key }
}

export const toAccount = (row: AccountRow): SignInAccount => ({
  id: row.id,
  status: row.status,
  isVerified: row.is_verified === 1,
  emailEnc: row.email_enc,
  securityEpoch: row.security_epoch,
  roles: JSON.parse(row.roles),
  passwordHash: row.password_hash,
})
