import { sql } from 'drizzle-orm'
import type { Context, Recording, TokenIssuing } from '../../context.ts'
import { AppError } from '../../core/errors.ts'
import { endSessions } from '../../storage/database/end-sessions.ts'
import {
  requireLive,
  type SessionRef,
  selectLiveSession,
  whereSessionLives,
} from '../../storage/database/live-session.ts'
import { voidTokens } from '../../storage/database/one-time-tokens.ts'
import { withSecondFactor } from '../../storage/database/session-methods.ts'
import { whether } from '../../storage/database/writes.ts'
import { onlyIfProven } from '../only-if-proven.ts'
import { addProofToSession } from '../renew-session.ts'
import { enrolTotp } from './enrol-totp.ts'
import type { TotpAdded } from './factors-view.ts'
import { type ConfirmedTotp, confirmTotp } from './totp-ticket.ts'

type Dependencies = Recording & TokenIssuing & Pick<Context, 'vault' | 'locale'>

interface AddedTotp {
  readonly ticket: string
  readonly code: string
  readonly turnsTwoStepOn: boolean
  readonly endsOtherSessions: boolean
}

/**
 * Adds or replaces the authenticator app of the signed-in user, once a code has confirmed its secret. The
 * session of the request has proven the factor, so it gains it. A pending change of the e-mail address ends
 * together with the other sessions: a thief may have requested it.
 * @throws AppError `invalid_access_token`, `step_up_required`, `email_unverified`, `invalid_second_factor`,
 * `unavailable`
 */
export async function addTotp(ctx: Dependencies, session: SessionRef, input: AddedTotp): Promise<TotpAdded> {
  const { db, now } = ctx
  const ref = onlyIfProven(ctx, session)
  const { userId, sessionId } = ref
  const pendingKey = ctx.vault.find(userId)
  const confirmed = await confirm(ctx, ref, input)
  const enrolled = await enrolTotp(ctx, {
    userId,
    lookup: await pendingKey,
    confirmed,
    turnsOn: input.turnsTwoStepOn,
    keptSession: sessionId,
  })
  const isLast = sql`${enrolled.isDone} AND ${whether(input.endsOtherSessions)}`
  const { live, raised } = await db.batch({
    live: selectLiveSession(ref, now),
    enrolled: enrolled.steps(whereSessionLives(ref, now)),
    raised: addProofToSession(ctx, ref, { amr: withSecondFactor('otp'), onlyIf: enrolled.isDone }),
    ended: endSessions(ctx, 'factors_changed', sql`user_id = ${userId} AND id <> ${sessionId} AND ${isLast}`),
    voided: voidTokens(sql`SELECT id FROM users WHERE id = ${userId} AND ${isLast}`, ['change']),
  })
  requireLive(ref, live[0], now)
  // Another request has used the ticket.
  if (raised.length === 0) throw new AppError('invalid_second_factor')
  const codes = enrolled.codes()
  return codes === undefined ? {} : { recovery_codes: codes }
}

/** A session that may add no factor learns nothing about its ticket. */
async function confirm(ctx: Dependencies, ref: SessionRef, { ticket, code }: AddedTotp): Promise<ConfirmedTotp> {
  const { userId, sessionId } = ref
  try {
    return await confirmTotp(ctx, { userId, holder: { sessionId }, ticket, code })
  } catch (error) {
    requireLive(ref, await ctx.db.first(selectLiveSession(ref, ctx.now)), ctx.now)
    throw error
  }
}
