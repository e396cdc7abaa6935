import { type SQL, sql } from 'drizzle-orm'
import type { SessionId, UserId } from '../../core/ids.ts'
import { ROTATION_GRACE_MS } from '../../core/lifetimes.ts'
import { columnsOf, computed, type Row, withRows } from './rows.ts'
import type { Statement } from './statement.ts'

/** A session named by a verified access token. */
export interface SessionRef {
  readonly userId: UserId
  readonly sessionId: SessionId
}

/**
 * SQL condition on `sessions` and `users`, joined: neither ended, expired nor left behind by the user's
 * state.
 */
const isAlive = (now: number): SQL => sql`
  users.id = sessions.user_id AND users.status = 'active' AND sessions.security_epoch = users.security_epoch
  AND sessions.revoked_at IS NULL AND sessions.expires_at > ${now} AND sessions.idle_expires_at > ${now}`

/**
 * The same as a condition on `sessions` alone, for statements that change it. That it was not revoked stands
 * apart as well, so that the index `sessions_unrevoked` serves whatever SQLite makes of the EXISTS.
 */
export const sessionIsAlive = (now: number): SQL =>
  sql`sessions.revoked_at IS NULL AND EXISTS (SELECT 1 FROM users WHERE ${isAlive(now)})`

/**
 * SQL condition: this session still lives and its user may act. Put into the statement that does the work, it
 * makes revocation as fresh as the data and costs no extra wait. Expects `sessions` and `users` under those
 * names.
 */
export const sessionLives = ({ userId, sessionId }: SessionRef, now: number): SQL => sql`
  sessions.id = ${sessionId} AND sessions.user_id = ${userId} AND ${isAlive(now)}`

/** The same as a condition of its own, for statements on other tables. */
export const whereSessionLives = (ref: SessionRef, now: number): SQL =>
  sql`EXISTS (SELECT 1 FROM sessions, users WHERE ${sessionLives(ref, now)})`

/** One row while the session lives: for batches whose other statements may rightly find nothing. */
export const selectLiveSession = (ref: SessionRef, now: number): Statement<Row<typeof living>> =>
  withRows(living, sql`SELECT ${columnsOf(living)} FROM sessions, users WHERE ${sessionLives(ref, now)}`)

const living = { lives: computed.flag(sql`1`) } as const

/**
 * A session that a request showed: by an access token, which names its user, or by a refresh token of this
 * generation.
 */
export type PresentedSession = SessionRef | { readonly sessionId: SessionId; readonly generation: number }

/**
 * SQL: whose session was shown; null when it does not live, or when the refresh token is an old one, which a
 * thief may have. The previous one is taken as long as a refresh would take it.
 */
export const presenterOf = (presented: PresentedSession, now: number): SQL => sql`
  (SELECT sessions.user_id FROM sessions, users
    WHERE sessions.id = ${presented.sessionId} AND ${isShown(presented, now)} AND ${isAlive(now)})`

const isShown = (presented: PresentedSession, now: number): SQL =>
  'userId' in presented
    ? sql`sessions.user_id = ${presented.userId}`
    : sql`(sessions.generation = ${presented.generation} OR (sessions.generation = ${presented.generation + 1}
        AND sessions.rotated_at >= ${now - ROTATION_GRACE_MS}))`

/**
 * SQL condition: the session that a row names in its `session_id` lives, and is of the user whom the row
 * names.
 */
export const askingSessionLives = (table: 'one_time_tokens' | 'oauth_flows', now: number): SQL => sql`
  EXISTS (SELECT 1 FROM sessions, users
    WHERE sessions.id = ${sql.raw(`${table}.session_id`)} AND sessions.user_id = ${sql.raw(`${table}.user_id`)}
      AND ${isAlive(now)})`
