import { type SQL, sql } from 'drizzle-orm'
import type { RequestFacts, SessionCache } from '../../core/ports.ts'
import type { RevokeReason } from '../../core/revoke-reason.ts'
import { sessions } from '../schema/index.ts'
import type { Row } from './members.ts'
import { columnsOf, withRows } from './rows.ts'
import { onReturned, type Statement } from './statement.ts'
import { assignments } from './writes.ts'

/** A session that the statement has ended. */
const endedSession = { id: sessions.id, user_id: sessions.userId } as const

/**
 * SQL condition on `sessions`: a session that matches the condition, or one with which an application
 * continues it, directly or through another one. Reads the sessions of the user that have not been ended.
 * Index `sessions_unrevoked`.
 */
export const withContinued = (condition: SQL): SQL => sql`
  id IN (
    WITH RECURSIVE family(id, user_id) AS (
      SELECT id, user_id FROM sessions WHERE ${condition}
      UNION
      SELECT s.id, s.user_id FROM family CROSS JOIN sessions s
      WHERE s.user_id = family.user_id AND s.continued_session_id = family.id AND s.revoked_at IS NULL)
    SELECT id FROM family)`

/** Dependencies of `endSessions`. */
export type SessionEnding = Pick<RequestFacts, 'now' | 'defer'> & { readonly sessions: SessionCache }

/**
 * Ends every session that matches the condition on `sessions`. After the commit, writes a tombstone to KV for
 * each of them, after the answer has been sent.
 */
export const endSessions = (
  { now, defer, sessions: cache }: SessionEnding,
  reason: RevokeReason,
  condition: SQL,
): Statement<Row<typeof endedSession>> =>
  onReturned(
    withRows(
      endedSession,
      sql`
        UPDATE sessions SET ${assignments(sessions, { revoked_at: now, revoke_reason: reason })}
        WHERE revoked_at IS NULL AND ${condition} RETURNING ${columnsOf(endedSession)}`,
    ),
    (ended) => {
      if (ended.length > 0) defer(Promise.all(ended.map(({ id }) => cache.revoke(id))))
    },
  )
