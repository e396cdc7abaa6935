import { type SQL, sql } from 'drizzle-orm'
import { isBelow, levelOfAccount, ONE_FACTOR, type ProvenLevel, TWO_FACTORS } from '../../core/assurance.ts'
import { AppError } from '../../core/errors.ts'
import type { SessionId, UserId } from '../../core/ids.ts'
import { ROTATION_GRACE_MS } from '../../core/lifetimes.ts'
import { users } from '../schema/index.ts'
import { factorStateIfNeeded, hasWayIn, isLevelAtMost } from './account-level.ts'
import type { Members, Row } from './members.ts'
import { columnsOf, computed, withRows } from './rows.ts'
import { refusalFor, usableFactors } from './second-factors.ts'
import type { Statement } from './statement.ts'

/** A session that a verified access token names. */
export interface SessionRef {
  readonly userId: UserId
  readonly sessionId: SessionId
  /**
   * The level that the request has proven, on a route that requires a step-up. The conditions below then also
   * require that the account needs no higher level, so turning two factors on wins over a request that runs.
   */
  readonly proven?: ProvenLevel
  /**
   * The request adds something that signs in. The conditions below then also require that somebody has proven
   * the address of the account: see `onlyIfProven` in sign-in/only-if-proven.ts.
   */
  readonly needsProvenAddress?: boolean
}

/**
 * SQL condition on `sessions` joined with `users`: the session has not expired or been revoked, and the
 * user's status and security epoch allow it.
 */
const isAlive = (now: number): SQL => sql`
  users.id = sessions.user_id AND users.status = 'active' AND sessions.security_epoch = users.security_epoch
  AND sessions.revoked_at IS NULL AND sessions.expires_at > ${now} AND sessions.idle_expires_at > ${now}`

/**
 * The same condition for `sessions` alone, for statements that change it. `revoked_at IS NULL` is repeated
 * outside the EXISTS, so that SQLite can always use the index `sessions_unrevoked`.
 */
export const sessionIsAlive = (now: number): SQL =>
  sql`sessions.revoked_at IS NULL AND EXISTS (SELECT 1 FROM users WHERE ${isAlive(now)})`

/**
 * SQL condition: this session is live and its user is active. As part of the statement that does the work, it
 * checks revocation in the same transaction as the data and adds no round trip. Needs the tables `sessions`
 * and `users` in the FROM clause, without aliases.
 */
export const sessionLives = (ref: SessionRef, now: number): SQL => {
  const { proven, needsProvenAddress = false } = ref
  const isLevelProven = proven === undefined ? sql`` : sql` AND ${isLevelAtMost(proven.level, now)}`
  return sql`${livesAtAnyLevel(ref, now)}${isLevelProven}${needsProvenAddress ? sql` AND users.is_verified` : sql``}`
}

/** The same condition whatever level the account needs, and whether or not its address is proven. */
const livesAtAnyLevel = ({ userId, sessionId }: SessionRef, now: number): SQL => sql`
  sessions.id = ${sessionId} AND sessions.user_id = ${userId} AND ${isAlive(now)}`

/** The same condition as an EXISTS, for statements on other tables. */
export const whereSessionLives = (ref: SessionRef, now: number): SQL =>
  sql`EXISTS (SELECT 1 FROM sessions, users WHERE ${sessionLives(ref, now)})`

const standing = {
  two_step_at: users.twoStepAt,
  two_step_due_at: users.twoStepDueAt,
  is_verified: users.isVerified,
  has_way_in: computed.flag(sql`1`),
  factors: usableFactors,
} as const

/**
 * What the level of the account depends on: members of `sessions, users` for `requireLive`. Ways in are
 * looked up only for a request that has proven less than one factor, and second factors only for one below
 * two.
 */
export function standingFor({ proven }: SessionRef, now: number): typeof standing {
  if (proven === undefined || !isBelow(proven.level, TWO_FACTORS)) return standing
  const factors = factorStateIfNeeded(proven.rpId, now)
  if (!isBelow(proven.level, ONE_FACTOR)) return { ...standing, factors }
  return { ...standing, factors, has_way_in: computed.flag(hasWayIn) }
}

/**
 * Returns one row while the session is live, whatever the account needs beyond it: `requireLive` judges it.
 * For batches whose other statements may find nothing even for a live session.
 */
export const selectLiveSession = (ref: SessionRef, now: number): Statement<Row<typeof standing>> =>
  selectAtAnyLevel(ref, standingFor(ref, now), now)

/** Selects members of `sessions, users` while the session is live, whatever level the account needs. */
export const selectAtAnyLevel = <const Named extends Members>(
  ref: SessionRef,
  members: Named,
  now: number,
): Statement<Row<Named>> =>
  withRows(members, sql`SELECT ${columnsOf(members)} FROM sessions, users WHERE ${livesAtAnyLevel(ref, now)}`)

/**
 * Judges the row of a live session. A batch has no effect where this throws, because its other statements
 * contain the same conditions.
 * @param row undefined if the session is not live
 * @param tooLow the code for an account that needs a higher level than the request has proven
 * @throws AppError `invalid_access_token`, `tooLow`; what `refusalFor` says where the account needs two
 * factors and cannot prove a second one, because no step-up can help then; `email_unverified` where the
 * request needs a proven address
 */
export function requireLive<Standing extends Row<typeof standing>>(
  ref: SessionRef,
  row: Standing | undefined,
  now: number,
  tooLow: 'step_up_required' | 'second_factor_required' = 'step_up_required',
): Standing {
  if (row === undefined) throw new AppError('invalid_access_token')
  const account = { twoStepAt: row.two_step_at, twoStepDueAt: row.two_step_due_at, hasWayIn: row.has_way_in }
  const neededLevel = levelOfAccount(account, now)
  if (ref.proven !== undefined && isBelow(ref.proven.level, neededLevel)) {
    const refusal = refusalFor(row.factors)
    if (refusal !== undefined) throw new AppError(refusal)
    throw new AppError(tooLow, { neededLevel })
  }
  if (ref.needsProvenAddress === true && !row.is_verified) throw new AppError('email_unverified')
  return row
}

/**
 * A session that a request presented: with an access token, which names the user, or with a refresh token of
 * this generation.
 */
export type PresentedSession = SessionRef | { readonly sessionId: SessionId; readonly generation: number }

/**
 * SQL: the user of the presented session. Null if the session is not live, or if the refresh token is an old
 * one, which may be stolen. The previous refresh token counts for `ROTATION_GRACE_MS`.
 */
export const presenterOf = (presented: PresentedSession, now: number): SQL => sql`
  (SELECT sessions.user_id FROM sessions, users
    WHERE sessions.id = ${presented.sessionId} AND ${isShown(presented, now)} AND ${isAlive(now)})`

/**
 * SQL condition on `sessions`: the presented token is of the session. The previous refresh token counts for
 * `ROTATION_GRACE_MS`.
 */
export const isShown = (presented: PresentedSession, now: number): SQL =>
  'userId' in presented
    ? sql`sessions.user_id = ${presented.userId}`
    : sql`(sessions.generation = ${presented.generation} OR (sessions.generation = ${presented.generation + 1}
        AND sessions.rotated_at >= ${now - ROTATION_GRACE_MS}))`

/**
 * SQL condition on a row of this table: the session in its `session_id` is live, and belongs to the row's
 * user.
 */
export const askingSessionLives = (table: 'one_time_tokens' | 'oauth_flows', now: number): SQL => sql`
  EXISTS (SELECT 1 FROM sessions, users
    WHERE sessions.id = ${sql.raw(`${table}.session_id`)} AND sessions.user_id = ${sql.raw(`${table}.user_id`)}
      AND ${isAlive(now)})`
