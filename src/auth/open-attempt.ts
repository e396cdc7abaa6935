import { type SQL, sql } from 'drizzle-orm'
import { log } from '../core/log.ts'
import { blindIndexes } from '../crypto/blind-index.ts'
import type { EmailAddress } from '../identity/email-address.ts'
import { type Counter, clearCounts, countDown, countUp } from '../storage/database/counters.ts'
import { selectPasswordCosts } from '../storage/database/password-costs.ts'
import { selectMissingRootKeys } from '../storage/database/root-keys.ts'
import { chooseDecoy } from './choose-decoy.ts'
import {
  type AdmissionDependencies,
  assertAdmitted,
  countAndRecord,
  openAdmission,
  unlessBlocked,
} from './limits/admission.ts'
import { lockCountersFor } from './limits/counters-for.ts'
import { type AccountRow, type SignInAccount, selectAccount, toAccount } from './sign-in-account.ts'

export interface SignInAttempt {
  readonly account: SignInAccount | undefined
  /** Over the cap: the password must not be compared, even if it is right. */
  readonly isLocked: boolean
  /** The cost that a decoy for this address imitates; undefined for that of a new hash. */
  readonly decoyCost: string | undefined
  /** `ROOT_KEYS` lacks a key that accounts are stored under: whoever is not found or does not match may still be right. */
  readonly isRootKeyMissing: boolean
  /** Counts the attempts to one address; an unknown one locks like a known one. */
  readonly lock: readonly Counter[]
  /** Reads the account, by index `users_email_index`. */
  readonly selectAccount: SQL<AccountRow>
  /** What a right password takes back: the failures of the account, and this request from its network's count. */
  readonly onSuccess: readonly SQL[]
}

/**
 * Counts the request, reserves an attempt and reads the account, in one batch.
 * @throws AppError `rate_limited`
 */
export async function openAttempt(ctx: AdmissionDependencies, email: EmailAddress): Promise<SignInAttempt> {
  const [admission, lock, indexes] = await Promise.all([
    openAdmission(ctx, 'sign-in', {}),
    lockCountersFor(ctx, 'sign-in', { email }),
    blindIndexes(ctx.ring, 'emailIndex', email.canonical),
  ])
  const account = selectAccount(sql`u.email_index IN ${indexes}`, ctx.now)
  const batch = ctx.db.batch([
    ...countAndRecord(ctx, admission),
    countUp(lock, ctx.now, admission.isAdmitted),
    account,
    selectMissingRootKeys(ctx.ring),
    selectPasswordCosts,
  ])
  const [counted, , reserved, accounts, missing, costs] = await unlessBlocked(ctx, admission, batch)
  assertAdmitted(ctx, admission, counted)
  if (missing.length > 0) log('error', 'root_key_missing', { versions: missing.map(({ version }) => version) })
  const known = accounts[0] && toAccount(accounts[0])
  return {
    account: known,
    decoyCost: chooseDecoy({ storedHash: known?.passwordHash, costs, fingerprint: lock[0]?.key ?? '' }),
    isLocked: isOver(lock, reserved),
    isRootKeyMissing: missing.length > 0,
    lock,
    selectAccount: account,
    onSuccess: [clearCounts(lock), countDown(admission.counters, ctx.now)],
  }
}

/** Whether what was just counted is over its quota; so is what the database did not count. */
export const isOver = (counters: readonly Counter[], counted: readonly { readonly count: number }[]): boolean =>
  counters.some(({ quota }, index) => (counted[index]?.count ?? Number.POSITIVE_INFINITY) > quota.count)
