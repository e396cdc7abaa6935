import { type SQL, sql } from 'drizzle-orm'
import {
  type AssuranceLevel,
  acrOf,
  isBelow,
  ONE_FACTOR,
  type ProvenMethods,
  TWO_FACTORS,
} from '../../core/assurance.ts'
import { users } from '../schema/index.ts'
import type { Computed } from './members.ts'
import { factorState, usableFactors } from './second-factors.ts'

/** SQL on `users`, never null: the account needs two factors now. The rule of `needsTwoFactors`. */
const isTwoFactorAccount = (now: number): SQL =>
  sql`(users.two_step_at IS NOT NULL OR coalesce(users.two_step_due_at <= ${now}, false))`

/**
 * A member of rows of `users`: the state of the second factors, which are looked up only for an account that
 * needs two.
 */
export function factorStateIfNeeded(rpId: string, now: number): Computed<string> {
  const { expression, schema } = factorState({ userId: sql`users.id`, rpId })
  return { expression: sql`iif(${isTwoFactorAccount(now)}, ${expression}, ${usableFactors.expression})`, schema }
}

const PASSWORD =
  'EXISTS (SELECT 1 FROM credentials WHERE credentials.user_id = users.id AND credentials.password_hash IS NOT NULL)'

/** SQL condition on `users`: the account has a password. By index. */
export const hasPassword: SQL = sql.raw(PASSWORD)

/** SQL on `users`: the account has a password, a linked identity or a passkey. By index. */
export const hasWayIn: SQL = sql.raw(`
  (${PASSWORD}
    OR EXISTS (SELECT 1 FROM social_logins WHERE social_logins.user_id = users.id)
    OR EXISTS (SELECT 1 FROM passkeys WHERE passkeys.user_id = users.id AND passkeys.removed_at IS NULL))`)

/** SQL condition on `users`: the account needs at most this level. The rule of `levelOfAccount`. */
export function isLevelAtMost(level: AssuranceLevel, now: number): SQL {
  if (!isBelow(level, TWO_FACTORS)) return sql`true`
  if (!isBelow(level, ONE_FACTOR)) return sql`NOT ${isTwoFactorAccount(now)}`
  return sql`NOT ${isTwoFactorAccount(now)} AND NOT ${hasWayIn}`
}

/**
 * SQL condition on `users`: these methods open a session. One factor is not enough where the account needs
 * two. A mailbox is enough for any other account, because its session never counts as a recent sign-in.
 */
export const opensSession = (amr: ProvenMethods, now: number): SQL =>
  isBelow(acrOf(amr), TWO_FACTORS) ? sql`NOT ${isTwoFactorAccount(now)}` : sql`true`

/**
 * SQL for `users.two_step_at`, in the statement that proves the mailbox: null if the address was unproven,
 * because another person may have registered the account.
 */
export const keptIfProven = sql`iif(${users.isVerified}, ${users.twoStepAt}, NULL)`
