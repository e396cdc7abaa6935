import { type SQL, sql } from 'drizzle-orm'
import type { SessionId, UserId } from '../../core/ids.ts'
import type { RequestFacts, SessionCache } from '../../core/ports.ts'
import { onReturned } from './returned-rows.ts'

/** Why a session was ended before its time, as `sessions.revoke_reason` has it. */
export const revokeReasons = [
  'logout',
  'owner',
  'reuse',
  'deleted',
  'password_changed',
  'password_reset',
  'email_undone',
  'operator',
  'mailbox_proven',
  'surplus',
] as const
export type RevokeReason = (typeof revokeReasons)[number]

/** A session that a statement has ended. */
interface EndedSession {
  readonly id: SessionId
  readonly user_id: UserId
}

/** What ending sessions takes. */
export type SessionEnder = Pick<RequestFacts, 'now' | 'defer'> & { readonly sessions: SessionCache }

/**
 * Ends every session that the condition on `sessions` names. Once that is committed, the edge is told of each, behind
 * the answer.
 */
export const endSessions = (
  { now, defer, sessions }: SessionEnder,
  reason: RevokeReason,
  condition: SQL,
): SQL<EndedSession> =>
  onReturned(
    sql<EndedSession>`
      UPDATE sessions SET revoked_at = ${now}, revoke_reason = ${reason}
      WHERE revoked_at IS NULL AND ${condition} RETURNING id, user_id`,
    (ended) => {
      if (ended.length > 0) defer(Promise.all(ended.map(({ id }) => sessions.revoke(id))))
    },
  )
