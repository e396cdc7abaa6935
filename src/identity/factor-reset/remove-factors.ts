import { type SQL, sql } from 'drizzle-orm'
import type { FactorKind } from '../../core/factor-kinds.ts'
import type { UserId } from '../../core/ids.ts'
import { voidTokens } from '../../storage/database/one-time-tokens.ts'
import { isKept, removal } from '../../storage/database/passkeys.ts'
import { assignments, plusOne } from '../../storage/database/writes.ts'
import { passkeys, users } from '../../storage/schema/index.ts'

interface Removal {
  /** The user, or SQL for the id. */
  readonly userId: UserId | SQL
  readonly kinds: readonly FactorKind[]
  /** Unix milliseconds. */
  readonly now: number
  /** SQL condition: the reset has been claimed, by an earlier step of the same batch. */
  readonly onlyIf: SQL
}

/**
 * The steps that take second factors from an account. The security epoch ends every session, and offers to
 * restore a deleted account end too: a factor that is removed may have got one. An account that needs two
 * factors still does: without any, the first factor leads to the enrolment of a new one, and never becomes
 * enough.
 */
export function removeFactors({ userId, kinds, now, onlyIf }: Removal): readonly SQL[] {
  const removals: Readonly<Record<FactorKind, SQL>> = {
    totp: sql`DELETE FROM totp_factors WHERE user_id = ${userId} AND ${onlyIf}`,
    passkeys: sql`
      UPDATE passkeys SET ${assignments(passkeys, removal(now))}
      WHERE user_id = ${userId} AND ${isKept} AND ${onlyIf}`,
    recovery_codes: sql`DELETE FROM recovery_codes WHERE user_id = ${userId} AND ${onlyIf}`,
  }
  return [
    ...kinds.map((kind) => removals[kind]),
    sql`
      UPDATE users SET ${assignments(users, { security_epoch: plusOne(users.securityEpoch) })}
      WHERE id = ${userId} AND ${onlyIf}`,
    voidTokens(sql`SELECT ${userId} WHERE ${onlyIf}`, ['keep', 'restore']),
  ]
}
