import { sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { blindIndex, blindIndexes } from '../crypto/blind-index.ts'
import type { EmailAddress } from '../identity/email-address.ts'
import { reserveAttempt } from './reserve-attempt.ts'
import { type SignInAccount, selectAccount, toAccount } from './sign-in-account.ts'

export interface SignInAttempt {
  readonly account: SignInAccount | undefined
  /** Over the cap: the password must not be compared, even if it is right. */
  readonly isLocked: boolean
  /** Under which the attempts are counted: an unknown address locks like a known one. */
  readonly key: string
}

/** Reserves an attempt and reads the account, in one batch: index `users_email_index`, then primary keys. */
export async function openAttempt(
  { db, ring, settings, now }: Pick<Context, 'db' | 'ring' | 'settings' | 'now'>,
  email: EmailAddress,
): Promise<SignInAttempt> {
  const [indexes, key] = await Promise.all([
    blindIndexes(ring, 'emailIndex', email.canonical),
    blindIndex(ring.newest, 'attemptIndex', signInAttemptText(email)),
  ])
  const windowMs = settings.SIGN_IN_WINDOW_MINUTES * 60_000
  const [reserved, accounts] = await db.batch([
    reserveAttempt(key, now, windowMs),
    selectAccount(sql`u.email_index IN ${indexes}`),
  ])
  const count = reserved[0]?.count ?? Number.POSITIVE_INFINITY
  return { account: accounts[0] && toAccount(accounts[0]), isLocked: count > settings.SIGN_IN_MAX_FAILURES, key }
}

/** What failed sign-ins to an address are counted under, before it is keyed. */
export const signInAttemptText = ({ canonical }: EmailAddress): string => `sign-in|${canonical}`
