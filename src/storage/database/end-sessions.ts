import { type SQL, sql } from 'drizzle-orm'
import type { SessionId, UserId } from '../../core/ids.ts'

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

interface Ending {
  readonly now: number
  readonly reason: RevokeReason
}

/** Ends every session that the condition on `sessions` names; the answer says which, for the edge to be told. */
export const endSessions = ({ now, reason }: Ending, condition: SQL): SQL<EndedSession> => sql`
  UPDATE sessions SET revoked_at = ${now}, revoke_reason = ${reason}
  WHERE revoked_at IS NULL AND ${condition} RETURNING id, user_id`
