import { type SQL, sql } from 'drizzle-orm'
import type { Recording, TokenIssuing } from '../context.ts'
import type { StepUpMethod } from '../core/audit-event.ts'
import { issueAccessToken } from '../sessions/issue-access-token.ts'
import type { AccessGrant } from '../sessions/token-views.ts'
import type { EventCiphertext } from '../storage/database/event-details.ts'
import { type SessionRef, whereSessionLives } from '../storage/database/live-session.ts'
import type { Row } from '../storage/database/members.ts'
import { type RecordedChange, recorded } from '../storage/database/recorded.ts'
import { rememberSessions } from '../storage/database/remember-sessions.ts'
import { userRoleNames } from '../storage/database/roles.ts'
import { columnsOf, computed, withRows } from '../storage/database/rows.ts'
import { namingPasskey } from '../storage/database/session-methods.ts'
import { assignments } from '../storage/database/writes.ts'
import { sessions } from '../storage/schema/index.ts'

const renewedSession = {
  amr: computed.texts(sql`${sessions.amr}`),
  auth_time: sessions.authTime,
  expires_at: sessions.expiresAt,
  roles: userRoleNames(sessions.userId),
} as const

export type RenewedSession = Row<typeof renewedSession>

interface Proof {
  /** SQL: the methods of the session from now on. */
  readonly amr: SQL
  /** SQL condition: the proof holds. */
  readonly onlyIf: SQL
}

/**
 * The statement that adds a proof to a live session. The caller has to use up the proof in the same batch.
 * The snapshot in KV follows after the answer.
 * @param changes more changes of the row
 */
export const addProofToSession = (
  ctx: TokenIssuing,
  ref: SessionRef,
  { amr, onlyIf, ...changes }: Proof & { readonly auth_time?: number; readonly passkey_id?: SQL },
) =>
  rememberSessions(
    ctx,
    withRows(
      renewedSession,
      sql`
        UPDATE sessions SET ${assignments(sessions, { ...changes, amr })}
        WHERE id = ${ref.sessionId} AND ${onlyIf} RETURNING ${columnsOf(renewedSession)}`,
    ),
    (session) => ({ ...claimsOf(ref, session), expiresAtMs: session.expires_at }),
  )

const claimsOf = ({ userId, sessionId }: SessionRef, { roles, amr, auth_time: authTimeMs }: RenewedSession) => ({
  userId,
  sessionId,
  roles,
  amr,
  authTimeMs,
})

interface StepUpProof extends Proof {
  /** Undefined for the password. */
  readonly method?: StepUpMethod
  /** The passkey that was proven. It ends the session if it is blocked or removed. */
  readonly passkeyId?: string
  readonly pii: EventCiphertext | undefined
}

/** The step of a batch that makes a proof a recent sign-in, while the session is live. */
export function renewSession(
  ctx: Recording & TokenIssuing,
  ref: SessionRef,
  { amr, onlyIf, method, passkeyId, pii }: StepUpProof,
): RecordedChange<RenewedSession> {
  const event = {
    action: 'session.stepped_up',
    outcome: 'success',
    subjectId: ref.userId,
    detail: { session_id: ref.sessionId, ...(method && { method }) },
  } as const
  const mayRenew = sql`${whereSessionLives(ref, ctx.now)} AND ${onlyIf}`
  const changes = {
    auth_time: ctx.now,
    ...(passkeyId !== undefined && { passkey_id: namingPasskey(passkeyId) }),
  }
  return recorded(ctx, addProofToSession(ctx, ref, { ...changes, amr, onlyIf: mayRenew }), event, { pii })
}

/** The access token of a session that was renewed. */
export const grantRenewed = (ctx: TokenIssuing, ref: SessionRef, session: RenewedSession): Promise<AccessGrant> =>
  issueAccessToken(ctx, claimsOf(ref, session))
