import { type SQL, sql } from 'drizzle-orm'
import type { Context, Limiting, TokenIssuing } from '../../context.ts'
import { acrOf, type ProvenMethods, provenBy } from '../../core/assurance.ts'
import { AppError } from '../../core/errors.ts'
import { issueAccessToken } from '../../sessions/issue-access-token.ts'
import type { AccessGrant } from '../../sessions/token-views.ts'
import { encryptClient } from '../../storage/database/event-details.ts'
import { type SessionRef, whereSessionLives } from '../../storage/database/live-session.ts'
import type { Row } from '../../storage/database/members.ts'
import { recorded } from '../../storage/database/recorded.ts'
import { rememberSessions } from '../../storage/database/remember-sessions.ts'
import { userRoleNames } from '../../storage/database/roles.ts'
import { columnsOf, computed, withRows } from '../../storage/database/rows.ts'
import { assignments } from '../../storage/database/writes.ts'
import { sessions } from '../../storage/schema/index.ts'
import { verifyOwnPassword } from './verify-own-password.ts'

type Dependencies = Limiting & TokenIssuing & Pick<Context, 'passwords'>

const renewedSession = {
  amr: computed.texts(sql`${sessions.amr}`),
  expires_at: sessions.expiresAt,
  roles: userRoleNames(sessions.userId),
} as const

/**
 * Authenticates the signed-in user again. Issues an access token with a new `auth_time`, which counts as a
 * recent sign-in for five minutes (RFC 9470, ASVS 7.5.1). The session stays the same, and its `amr` gains the
 * password. Where the account needs two factors, a password is not compared: it would prove one.
 * @throws AppError `invalid_access_token`, `invalid_credentials`, `second_factor_required`, `rate_limited`
 */
export async function stepUp(ctx: Dependencies, caller: SessionRef, password: string): Promise<AccessGrant> {
  const { db, now } = ctx
  const { userId, sessionId } = caller
  const ref = { userId, sessionId }
  const asking = { ...ref, provenLevel: acrOf(provenBy('pwd')) }
  const pendingKey = ctx.vault.find(ref.userId)
  const { account, onSuccess } = await verifyOwnPassword(ctx, asking, { password, tooLow: 'second_factor_required' })
  const pii = await encryptClient(ctx, await pendingKey, ref.userId)
  const claimsOf = ({ roles, amr }: Row<typeof renewedSession>) => ({ ...ref, roles, amr, authTimeMs: now })
  const renew = withRows(
    renewedSession,
    sql`
      UPDATE sessions SET ${assignments(sessions, { auth_time: now, amr: withMethods(provenBy('pwd')) })}
      WHERE id = ${sessionId} AND ${whereSessionLives(asking, now)}
        AND EXISTS (SELECT 1 FROM credentials
          WHERE user_id = ${ref.userId} AND password_hash = ${account.passwordHash})
      RETURNING ${columnsOf(renewedSession)}`,
  )
  const remembered = rememberSessions(ctx, renew, (session) => ({
    ...claimsOf(session),
    expiresAtMs: session.expires_at,
  }))
  const event = {
    action: 'session.stepped_up',
    outcome: 'success',
    subjectId: ref.userId,
    detail: { session_id: ref.sessionId },
  } as const
  const { renewed } = await db.batch({
    renewed: recorded(ctx, remembered, event, { pii }),
    proven: onSuccess(),
  })
  const [session] = renewed
  if (session === undefined) throw new AppError('invalid_access_token')
  return issueAccessToken(ctx, claimsOf(session))
}

/** SQL: the methods of the session and these, each once. */
const withMethods = (proven: ProvenMethods): SQL => sql`
  (SELECT json_group_array(value) FROM (
    SELECT value FROM json_each(${sessions.amr}) UNION SELECT value FROM json_each(${JSON.stringify(proven)})))`
