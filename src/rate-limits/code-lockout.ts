import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { AppError } from '../core/errors.ts'
import type { UserId } from '../core/ids.ts'
import type { EmailAddress } from '../identity/email/email-address.ts'
import { areWithinQuota, type CountRow, countUp, isUsedUp } from '../storage/database/counters.ts'
import type { Statement } from '../storage/database/statement.ts'
import { lockoutCountersFor, type NamedCounter, type Subjects } from './counters-for.ts'

// A short code can be guessed, so every comparison is counted first: of codes of an authenticator app and of
// an enrolment by account, of codes that were mailed for signing in by request, and by address or user.

type LockoutName = 'second-factor' | 'sign-in-code'

/** The counters of the codes of one account, or of one request by mail. */
export interface CodeLockout {
  /** The quota that a refusal names. */
  readonly name: LockoutName
  readonly recent: NamedCounter
  readonly daily: NamedCounter
}

type Dependencies = Pick<Context, 'ring' | 'settings'>

/** The counters of codes that prove a second factor of this account, or that enrol its first one. */
export const secondFactorLockoutFor = (ctx: Dependencies, userId: UserId): Promise<CodeLockout> =>
  lockoutFor(ctx, 'second-factor', { recent: { user: userId }, daily: { user: userId } })

interface MailedCode {
  /** Id of the ticket to which the code belongs. */
  readonly request: string
  /** Who typed the code: anybody who knows the address, or a signed-in user. */
  readonly by: { readonly email: EmailAddress } | { readonly user: UserId }
}

/**
 * The counters of codes that were typed for one request by mail, and for its address or the signed-in user.
 */
export const signInCodeLockoutFor = (ctx: Dependencies, { request, by }: MailedCode): Promise<CodeLockout> =>
  lockoutFor(ctx, 'sign-in-code', { recent: { request }, daily: by })

async function lockoutFor(
  ctx: Dependencies,
  name: LockoutName,
  counted: { readonly recent: Subjects; readonly daily: Subjects },
): Promise<CodeLockout> {
  const [[recent], [daily]] = await Promise.all([
    lockoutCountersFor(ctx, name, counted.recent),
    lockoutCountersFor(ctx, `${name}-a-day`, counted.daily),
  ])
  if (recent === undefined || daily === undefined) throw new TypeError('a lockout policy has no quota for its subject')
  return { name, recent, daily }
}

/** Both counters, for statements that clear them or take a count back. */
export const countersOf = ({ recent, daily }: CodeLockout): readonly NamedCounter[] => [daily, recent]

/**
 * Reserves an attempt before a code is compared. The day counts only attempts within the quota of the
 * minutes: otherwise a flood would use up the day at once, and lock the owner out until tomorrow.
 * @param onlyIf SQL condition: while it does not hold, nothing is counted
 */
export const countCode = ({ recent, daily }: CodeLockout, now: number, onlyIf: SQL): Statement<CountRow> =>
  // The day comes first, because its condition reads the count of the minutes as it was before.
  countUp([{ ...daily, onlyIf: sql`NOT ${isUsedUp([recent], now)}` }, recent], now, onlyIf)

/** SQL condition, after `countCode` has counted in the same batch: the code may be compared. */
export const isCodeReserved = (lockout: CodeLockout): SQL => areWithinQuota(countersOf(lockout))

/** SQL condition: the next code will not be compared. */
export const isCodeLockedOut = (lockout: CodeLockout, now: number): SQL => isUsedUp(countersOf(lockout), now)

/**
 * Judges what `countCode` has returned.
 * @returns the error to throw while codes are locked out; undefined if no counter is over its quota
 */
export function lockoutError(
  lockout: CodeLockout,
  { now, counted }: { readonly now: number; readonly counted: readonly CountRow[] },
): AppError | undefined {
  for (const { key, quota } of countersOf(lockout)) {
    const row = counted.find((candidate) => candidate.key === key)
    if (row === undefined || row.count <= quota.count) continue
    const resetSeconds = Math.max(1, Math.ceil((row.ends_at - now) / 1000))
    return new AppError('rate_limited', {
      retryAfterSeconds: resetSeconds,
      quota: { name: lockout.name, count: quota.count, windowSeconds: quota.windowMs / 1000, resetSeconds },
    })
  }
  return undefined
}
