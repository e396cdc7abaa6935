import { type SQL, sql } from 'drizzle-orm'
import type { Limiting } from '../../context.ts'
import { log } from '../../core/log.ts'
import { blindIndexes } from '../../crypto/blind-index.ts'
import type { EmailAddress } from '../../identity/email/email-address.ts'
import { assertWithinLimit, countAndRecord, prepareRateLimit, unlessRefused } from '../../rate-limits/rate-limit.ts'
import {
  countAttempt,
  forgetFailures,
  judgeReservation,
  type Reservation,
  type SignInLockout,
  signInLockoutFor,
} from '../../rate-limits/sign-in-lockout.ts'
import { type Counter, countDown } from '../../storage/database/counters.ts'
import { selectPasswordCosts } from '../../storage/database/password-costs.ts'
import { selectMissingRootKeys } from '../../storage/database/root-keys.ts'
import {
  type SignInAccount,
  type SignInRow,
  selectSignInAccount,
  toSignInAccount,
} from '../../storage/database/sign-in-account.ts'
import type { Runnable, Statement } from '../../storage/database/statement.ts'
import { chooseDecoy } from './choose-decoy.ts'

export interface SignInAttempt {
  readonly account: SignInAccount | undefined
  /**
   * The lockout counter on which the attempt was reserved. `locked`: the password must not be compared, even
   * if it is right.
   */
  readonly reservation: Reservation
  /** The cost of the decoy hash for this address; undefined for the cost of a new hash. */
  readonly decoyCost: string | undefined
  /**
   * `ROOT_KEYS` lacks a key under which accounts are stored. An account that is not found may then exist, and
   * a password that does not match may be right.
   */
  readonly isRootKeyMissing: boolean
  /** The counters of failed attempts for this address and device. */
  readonly lock: SignInLockout
  /** Reads the account by index `users_email_index`. */
  readonly selectSignInAccount: Statement<SignInRow>
  readonly networks: readonly Counter[]
}

interface AttemptInput {
  readonly email: EmailAddress
  /** As the client sent it. A token that is not valid for this address counts as none. */
  readonly deviceToken?: string | undefined
}

/**
 * Counts the request, reserves an attempt and reads the account, in one batch.
 * @throws AppError `rate_limited`
 */
export async function reserveAttempt(ctx: Limiting, { email, deviceToken }: AttemptInput): Promise<SignInAttempt> {
  const pendingIndexes = blindIndexes(ctx.ring, 'emailIndex', email.canonical)
  const device = deviceToken === undefined ? undefined : { token: deviceToken, pendingIndexes }
  const [rateLimit, lock, indexes] = await Promise.all([
    prepareRateLimit(ctx, 'sign-in', {}),
    signInLockoutFor(ctx, email, device),
    pendingIndexes,
  ])
  const account = selectSignInAccount(sql`u.email_index IN ${indexes}`, ctx.now)
  const batch = ctx.db.batch({
    ...countAndRecord(ctx, rateLimit),
    reserved: countAttempt(lock, ctx.now, rateLimit.isWithinLimit),
    accounts: account,
    missing: selectMissingRootKeys(ctx.ring),
    costs: selectPasswordCosts,
  })
  const { counted, reserved, accounts, missing, costs } = await unlessRefused(ctx, rateLimit, batch)
  assertWithinLimit(ctx, rateLimit, counted)
  if (missing.length > 0) log('error', 'root_key_missing', { versions: missing.map(({ version }) => version) })
  const known = accounts[0] && toSignInAccount(accounts[0])
  return {
    account: known,
    decoyCost: chooseDecoy({ storedHash: known?.passwordHash, costs, fingerprint: lock.address.formerKey }),
    reservation: judgeReservation(lock, reserved),
    isRootKeyMissing: missing.length > 0,
    lock,
    selectSignInAccount: account,
    networks: rateLimit.counters,
  }
}

/**
 * Statements for a right password. They clear the failed attempts and take this request out of the counts of
 * its networks.
 * @param isLetIn SQL condition: the person is let in. Otherwise the networks keep their count, because a
 * refused request has cost a hash as well.
 */
export const takeBackAttempt = (
  { lock, reservation, networks }: SignInAttempt,
  now: number,
  isLetIn: SQL,
): readonly Runnable[] => [...forgetFailures(lock, reservation), countDown(networks, now, isLetIn)]
