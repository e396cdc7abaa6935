import { type SQL, sql } from 'drizzle-orm'
import type { Context, Limiting } from '../../context.ts'
import type { UserId } from '../../core/ids.ts'
import type { DataKeyLookup } from '../../core/ports.ts'
import { hashRecoveryCode } from '../../crypto/recovery-code.ts'
import { countersOf, secondFactorLockoutFor } from '../../rate-limits/code-lockout.ts'
import { assertWithinLimit, countAndRecord, unlessRefused } from '../../rate-limits/rate-limit.ts'
import { addClientLater, addClientToMailLater } from '../../storage/database/add-client-later.ts'
import { clearCounts } from '../../storage/database/counters.ts'
import { orderMail } from '../../storage/database/outbox-mail.ts'
import { recorded } from '../../storage/database/recorded.ts'
import { columnsOf, computed, withRows } from '../../storage/database/rows.ts'
import { onReturned } from '../../storage/database/statement.ts'
import { assignments } from '../../storage/database/writes.ts'
import { recoveryCodes, totpFactors } from '../../storage/schema/index.ts'
import { refuseSecondFactor } from '../refuse-second-factor.ts'
import type { FactorAttempt, RightFactor } from './second-factor-attempt.ts'

type Dependencies = Limiting & Pick<Context, 'locale'>

const codeMembers = { used_at: recoveryCodes.usedAt } as const

/**
 * Looks a recovery code up. Nothing locks these codes: they have 120 random bits, so nobody can guess one,
 * and the owner needs them while wrong codes of an attacker have locked the authenticator app. The limit of
 * the network bounds the requests. The caller uses the code up in its own batch.
 * @throws AppError `rate_limited`, `invalid_second_factor`, and what `judge` throws
 */
export async function verifyRecoveryCode<Read, Judged>(
  ctx: Dependencies,
  { userId, code, rateLimit, reading, judge }: FactorAttempt<Read, Judged>,
): Promise<RightFactor<Judged>> {
  const pendingKey = ctx.vault.find(userId)
  // No row has the empty text, so a text that cannot be a code is refused like a wrong one.
  const hash = (await hashRecoveryCode(userId, code)) ?? ''
  const { counted, read, codes } = await unlessRefused(
    ctx,
    rateLimit,
    ctx.db.batch({
      ...countAndRecord(ctx, rateLimit),
      read: reading,
      codes: withRows(
        codeMembers,
        sql`SELECT ${columnsOf(codeMembers)} FROM recovery_codes WHERE user_id = ${userId} AND code_hash = ${hash}`,
      ),
    }),
  )
  assertWithinLimit(ctx, rateLimit, counted)
  const judged = await judge(read)
  const [found] = codes
  if (found?.used_at !== null) {
    const reason = found === undefined ? 'wrong_code' : 'used_code'
    throw await refuseSecondFactor(ctx, { userId, method: 'recovery', reason, pendingKey })
  }
  return { judged, pendingKey, ...(await spendCode(ctx, { userId, hash, pendingKey })) }
}

const leftMembers = { left: computed.integer(sql`count(*)`) } as const

interface RightCode {
  readonly userId: UserId
  readonly hash: string
  readonly pendingKey: Promise<DataKeyLookup>
}

/**
 * Uses the code up once, mails the owner, and ends the lockout of the authenticator app: a code shows that
 * the owner is there.
 */
async function spendCode(
  ctx: Dependencies,
  { userId, hash, pendingKey }: RightCode,
): Promise<Pick<RightFactor<unknown>, 'spend' | 'codesLeft'>> {
  const { now } = ctx
  const lockout = await secondFactorLockoutFor(ctx, userId)
  const nonce = crypto.randomUUID()
  const isSpent = sql`EXISTS (SELECT 1 FROM recovery_codes WHERE user_id = ${userId} AND nonce = ${nonce})`
  const unused = sql`FROM recovery_codes WHERE user_id = ${userId} AND used_at IS NULL`
  const findKey = () => pendingKey
  let left: number | undefined
  const spend = (mayOpen: SQL) => ({
    steps: [
      recorded(
        ctx,
        sql`
          UPDATE recovery_codes SET ${assignments(recoveryCodes, { used_at: now, nonce })}
          WHERE user_id = ${userId} AND code_hash = ${hash} AND used_at IS NULL AND ${mayOpen}`,
        { action: 'recovery_code.used', outcome: 'success', subjectId: userId, detail: { left: 0 } },
        { detail: sql`(SELECT json_object('left', count(*)) ${unused})`, later: addClientLater(ctx, findKey) },
      ),
      onReturned(withRows(leftMembers, sql`SELECT ${columnsOf(leftMembers)} ${unused}`), ([row]) => {
        left = row?.left
      }),
      clearCounts(countersOf(lockout), isSpent),
      sql`
        UPDATE totp_factors SET ${assignments(totpFactors, { failures: 0 })} WHERE user_id = ${userId} AND ${isSpent}`,
      orderMail(ctx, {
        template: 'recovery-code-used',
        userId,
        onlyIf: isSpent,
        later: addClientToMailLater(ctx, {
          findKey,
          facts: () => (left === undefined ? {} : { codesLeft: left }),
        }),
      }),
    ],
    isSpent,
  })
  return { spend, codesLeft: () => left }
}
