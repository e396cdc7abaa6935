import { sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { countersOf, secondFactorLockoutFor } from '../rate-limits/code-lockout.ts'
import type { Spending } from '../sessions/start-session.ts'
import { clearCounts } from '../storage/database/counters.ts'
import { maySignInAlone } from '../storage/database/passkeys.ts'
import { assignments } from '../storage/database/writes.ts'
import { passkeys, totpFactors } from '../storage/schema/index.ts'
import type { RightPasskey } from './judge-passkey.ts'
import { hasGoneBack } from './signature-counter.ts'

/**
 * The steps that record the use of a passkey. A removal or suspension between the two waits of a request
 * wins. Wrong codes of the authenticator app are forgotten, because the owner is there.
 *
 * A passkey that may be synchronized becomes more than a second factor once its authenticator verifies the
 * user: its provider does so by itself. A security key stays what it was registered as.
 */
export async function spendPasskey(
  ctx: Pick<Context, 'ring' | 'settings' | 'now'>,
  { passkey, proven }: RightPasskey,
): Promise<Spending> {
  const { id, user_id: userId } = passkey
  const { signCount, isBackedUp, isUserVerified } = proven
  const lockout = passkey.has_wrong_codes ? await secondFactorLockoutFor(ctx, userId) : undefined
  const nonce = crypto.randomUUID()
  const isSpent = sql`EXISTS (SELECT 1 FROM passkeys WHERE id = ${id} AND nonce = ${nonce})`
  const use = {
    nonce,
    sign_count: sql`max(${passkeys.signCount}, ${signCount})`,
    is_backed_up: isBackedUp,
    is_uv_initialized: passkey.is_uv_initialized || (isUserVerified && maySignInAlone(passkey)),
    last_used_at: ctx.now,
  }
  return (mayOpen) => ({
    steps: [
      sql`
        UPDATE passkeys SET ${assignments(passkeys, use)}
        WHERE passkeys.id = ${id} AND passkeys.removed_at IS NULL AND passkeys.suspended_at IS NULL
          AND NOT ${hasGoneBack({ signCount, now: ctx.now })} AND ${mayOpen}`,
      ...(lockout === undefined
        ? []
        : [
            clearCounts(countersOf(lockout), isSpent),
            sql`
              UPDATE totp_factors SET ${assignments(totpFactors, { failures: 0 })}
              WHERE user_id = ${userId} AND ${isSpent}`,
          ]),
    ],
    isSpent,
  })
}
