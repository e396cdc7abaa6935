import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { acrOf, isBelow, TWO_FACTORS } from '../core/assurance.ts'
import { AppError } from '../core/errors.ts'
import { timePrefix, type UserId } from '../core/ids.ts'
import { log } from '../core/log.ts'
import type { Principal } from '../core/principal.ts'
import { rpIdOf } from '../core/relying-party.ts'
import { HOUR_MS } from '../core/time.ts'
import { levelOfOperators } from '../core/two-step-policy.ts'
import { keepsEvents } from '../storage/database/audit-table.ts'
import { guardDatabase } from '../storage/database/guarded-database.ts'
import {
  requireLive,
  type SessionRef,
  selectAtAnyLevel,
  sessionLives,
  standingFor,
  whereSessionLives,
} from '../storage/database/live-session.ts'
import { recordEvent } from '../storage/database/outbox.ts'
import { isAdmin } from '../storage/database/roles.ts'
import { computed } from '../storage/database/rows.ts'
import { factorState, ownsFactor, refusalFor } from '../storage/database/second-factors.ts'
import { whether } from '../storage/database/writes.ts'
import { users } from '../storage/schema/index.ts'
import type { Operating } from './operation.ts'

/**
 * The context of an operator's request. Its database runs no statement and returns no row unless, in the same
 * transaction, the session is active and at the level of its account, its user is an admin, and
 * `audit_events` keeps what is recorded. The session must have two factors and the account a second one,
 * unless the policy releases operators on this machine. The roles in the access token are not used, so a
 * demotion takes effect with the next statement, as the loss of the second factor does, and no verb can omit
 * the check.
 * @param route its pattern, for the event that records a refusal
 */
export function asOperator(ctx: Context, principal: Principal, route: string): Context {
  const { userId, sessionId, amr } = principal
  const rpId = rpIdOf(ctx.settings)
  const ref = { userId, sessionId, proven: { level: acrOf(amr), rpId } }
  const acting = { ...ctx, actor: { type: 'user', userId, sessionId } as const }
  const needsTwo = levelOfOperators(ctx.settings) === TWO_FACTORS
  // The methods in the token are those of its session when it was issued, and a session only gains methods.
  // So they do not show that a factor was removed since.
  const isStrong = needsTwo
    ? sql`${whether(!isBelow(ref.proven.level, TWO_FACTORS))} AND ${ownsFactor(ownerOf(rpId))}`
    : sql`true`
  const mayAct = sql`EXISTS (SELECT 1 FROM sessions, users
    WHERE ${sessionLives(ref, ctx.now)} AND ${isAdmin(users.id)} AND ${isStrong}) AND ${keepsEvents}`
  return { ...acting, db: guardDatabase(ctx.db, mayAct, () => explainRefusal(acting, { ref, needsTwo, route })) }
}

const ownerOf = (rpId: string) => ({ userId: sql`users.id`, rpId })

/** Limits the events of a user who keeps trying, so that they do not fill the audit trail. */
const MAX_DENIALS_AN_HOUR = 10

/**
 * SQL condition: fewer than `MAX_DENIALS_AN_HOUR` denials of this user were recorded within the hour. Index
 * `audit_events_subject`.
 * @param userId the user who is denied
 */
const isWorthRecording = (userId: UserId, now: number): SQL => sql`
  (SELECT count(*) FROM (SELECT 1 FROM audit_events denial
    WHERE denial.subject_id = ${userId} AND denial.id >= ${timePrefix(now - HOUR_MS)} AND denial.action = 'operator.denied'
    LIMIT ${MAX_DENIALS_AN_HOUR})) < ${MAX_DENIALS_AN_HOUR}`

interface Refused {
  readonly ref: SessionRef & Required<Pick<SessionRef, 'proven'>>
  readonly needsTwo: boolean
  readonly route: string
}

/**
 * Finds out why the database refused.
 * @throws AppError `invalid_access_token` when the session has ended; `forbidden` for a user who is not an
 * admin, which is recorded at most ten times an hour; what `refusalFor` says for an admin who cannot prove a
 * second factor; `step_up_required` if the session has fewer factors than it needs; `misconfigured` if the
 * database would not keep the event
 */
async function explainRefusal(ctx: Operating, { ref, needsTwo, route }: Refused): Promise<void> {
  const isHolder = isAdmin(ref.userId)
  const { level, rpId } = ref.proven
  const facts = {
    is_admin: computed.flag(isHolder),
    owns_factor: computed.flag(ownsFactor(ownerOf(rpId))),
    factor_state: factorState(ownerOf(rpId)),
    keeps_events: computed.flag(keepsEvents),
  } as const
  const { live } = await ctx.db.batch({
    live: selectAtAnyLevel(ref, { ...facts, ...standingFor(ref, ctx.now) }, ctx.now),
    record: recordEvent(
      ctx,
      {
        action: 'operator.denied',
        outcome: 'failure',
        subjectId: ref.userId,
        detail: { route, session_id: ref.sessionId },
      },
      {
        onlyIf: sql`${whereSessionLives({ userId: ref.userId, sessionId: ref.sessionId }, ctx.now)} AND NOT ${isHolder} AND ${isWorthRecording(ref.userId, ctx.now)}`,
      },
    ),
  })
  const [session] = live
  if (session === undefined) throw new AppError('invalid_access_token')
  if (!session.is_admin) throw new AppError('forbidden')
  // A session with two factors goes on while an attacker has locked the app of its owner.
  if (needsTwo && (isBelow(level, TWO_FACTORS) || !session.owns_factor)) {
    const refusal = refusalFor(session.factor_state)
    if (refusal !== undefined) throw new AppError(refusal)
    throw new AppError('step_up_required', { neededLevel: TWO_FACTORS })
  }
  requireLive(ref, session, ctx.now)
  if (session.keeps_events) return
  log('error', 'audit_table_changed')
  throw new AppError('misconfigured')
}
