import { sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { AppError } from '../../core/errors.ts'
import { newTimeOrderedId } from '../../core/ids.ts'
import { blindIndex } from '../../crypto/blind-index.ts'
import { type SessionRef, whereSessionLives } from '../../storage/database/live-session.ts'
import { recordEvent } from '../../storage/outbox.ts'
import { addClientLater } from '../add-client-later.ts'
import { reserveAttempt } from '../reserve-attempt.ts'
import { type SignInAccount, selectAccount, toAccount } from '../sign-in-account.ts'

type Dependencies = Pick<
  Context,
  'db' | 'ring' | 'vault' | 'passwords' | 'settings' | 'actor' | 'client' | 'requestId' | 'now' | 'outbox'
>

export interface ProvenOwner {
  readonly account: SignInAccount
  /** The counter of failures, to be cleared with what the password was asked for. */
  readonly attemptKey: string
}

/**
 * Compares the password of a signed-in user. Attempts are reserved first and counted under a key of this user's own:
 * a thief with a token cannot guess on, and a stranger without one cannot lock the owner out.
 * @throws AppError `invalid_access_token`, `rate_limited`, `invalid_credentials`
 */
export async function requireOwnPassword(ctx: Dependencies, ref: SessionRef, password: string): Promise<ProvenOwner> {
  const { db, now, settings } = ctx
  const windowMs = settings.SIGN_IN_WINDOW_MINUTES * 60_000
  const attemptKey = await blindIndex(ctx.ring.newest, 'attemptIndex', `own-password|${ref.userId}`)
  const [reserved, accounts] = await db.batch([
    reserveAttempt(attemptKey, now, windowMs),
    selectAccount(sql`u.id = ${ref.userId} AND ${whereSessionLives(ref, now)}`),
  ])
  if (accounts[0] === undefined) throw new AppError('invalid_access_token')
  const account = toAccount(accounts[0])
  const isLocked = (reserved[0]?.count ?? Number.POSITIVE_INFINITY) > settings.SIGN_IN_MAX_FAILURES
  const check = ctx.passwords.check(password, isLocked ? null : account.passwordHash)
  if (check.matches) return { account, attemptKey }
  const id = newTimeOrderedId(now)
  const reason = isLocked ? 'locked' : 'wrong_password'
  await db.batch([
    recordEvent(
      ctx,
      { action: 'user.reauthentication_failed', outcome: 'failure', subjectId: account.id, detail: { reason } },
      { id },
    ),
  ])
  addClientLater(ctx, id, { subjectId: account.id, pendingKey: ctx.vault.find(account.id) })
  throw isLocked
    ? new AppError('rate_limited', { retryAfterSeconds: windowMs / 1000 })
    : new AppError('invalid_credentials')
}
