import { type SQL, sql } from 'drizzle-orm'
import type { Context, Limiting } from '../context.ts'
import type { AppError } from '../core/errors.ts'
import type { UserId } from '../core/ids.ts'
import type { DataKeyLookup } from '../core/ports.ts'
import { requireRelyingParty } from '../core/relying-party.ts'
import { readUserHandle } from '../crypto/user-handle.ts'
import type { AssertionResponse } from '../crypto/webauthn/responses.ts'
import { assertWithinLimit, countAndRecord, type RateLimit, unlessRefused } from '../rate-limits/rate-limit.ts'
import type { Spending } from '../sessions/start-session.ts'
import { spendChallenge } from '../storage/database/spent-tickets.ts'
import type { Statement } from '../storage/database/statement.ts'
import { judgePasskey, type PasskeyRefusal, type RightPasskey, selectNamedPasskey } from './judge-passkey.ts'
import { spendPasskey } from './spend-passkey.ts'

type Dependencies = Limiting & Pick<Context, 'locale' | 'sessions'>

/** The answer of an authenticator, of a person whom the ticket or the session names. */
interface PasskeyAttempt<Read, Judged> {
  readonly userId: UserId
  readonly response: AssertionResponse
  /** From the ticket, with the time at which the ticket expires. */
  readonly challenge: string
  readonly expiresAtMs: number
  readonly rateLimit: RateLimit
  /**
   * SQL condition: the ticket or the session of the request is live. Otherwise the challenge is not used up.
   */
  readonly isLive: SQL
  /** What the caller reads in the same batch. It shows whether `isLive` held. */
  readonly reading: Statement<Read>
  /** Judges what was read. It must throw if `isLive` did not hold. */
  readonly judge: (rows: readonly Read[]) => Judged | Promise<Judged>
  /** Records the refusal. @returns the error to throw */
  readonly refuse: (reason: PasskeyRefusal, pendingKey: Promise<DataKeyLookup>) => Promise<AppError>
}

/** A right answer that is not spent yet. */
interface VerifiedPasskey<Judged> extends RightPasskey {
  /** What `judge` returned. */
  readonly judged: Judged
  readonly pendingKey: Promise<DataKeyLookup>
  readonly spend: Spending
}

/**
 * Verifies a passkey or security key as a second factor, or for a step-up. Uses the challenge up first. The
 * caller decides what an answer without user verification is worth, and spends the passkey in its own batch.
 * @throws AppError `rate_limited`, `misconfigured`, what `judge` throws, and what `refuse` returns
 */
export async function verifyPasskey<Read, Judged>(
  ctx: Dependencies,
  attempt: PasskeyAttempt<Read, Judged>,
): Promise<VerifiedPasskey<Judged>> {
  const { userId, response, challenge, rateLimit, isLive, reading, judge, refuse } = attempt
  const relyingParty = requireRelyingParty(ctx.settings)
  const pendingKey = ctx.vault.find(userId)
  const { counted, read, spent, passkeys } = await unlessRefused(
    ctx,
    rateLimit,
    ctx.db.batch({
      ...countAndRecord(ctx, rateLimit),
      read: reading,
      spent: spendChallenge(attempt, sql`${rateLimit.isWithinLimit} AND ${isLive}`),
      passkeys: selectNamedPasskey({ credentialId: response.id, userId: namedUser(attempt), relyingParty }),
    }),
  )
  assertWithinLimit(ctx, rateLimit, counted)
  const judged = await judge(read)
  const right = await judgePasskey(ctx, {
    passkey: passkeys[0],
    response,
    challenge,
    isFirstAnswer: spent.length === 1,
    relyingParty,
    needsUserVerification: false,
    pendingKey,
  })
  if (typeof right === 'string') throw await refuse(right, pendingKey)
  return { ...right, judged, pendingKey, spend: await spendPasskey(ctx, right) }
}

/** A user handle may be absent. One that names another user is refused (WebAuthn section 7.2, step 6). */
function namedUser({ userId, response }: Pick<PasskeyAttempt<unknown, unknown>, 'userId' | 'response'>) {
  const { userHandle } = response.response
  if (userHandle === undefined || userHandle === null) return userId
  return readUserHandle(userHandle) === userId ? userId : undefined
}
