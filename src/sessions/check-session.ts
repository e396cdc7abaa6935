import { sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { AppError } from '../core/errors.ts'
import type { SessionSnapshot } from '../core/ports.ts'
import type { Principal } from '../core/principal.ts'
import { type SessionRef, sessionLives } from '../storage/database/live-session.ts'
import type { Row } from '../storage/database/members.ts'
import { prepareStatement } from '../storage/database/prepared.ts'
import { rememberSessions } from '../storage/database/remember-sessions.ts'
import { userRoleNames } from '../storage/database/roles.ts'
import { columnsOf, computed, withRows } from '../storage/database/rows.ts'
import { sessions, users } from '../storage/schema/index.ts'
import { type SessionCheck, showSessionCheck } from './session-check-view.ts'

type Dependencies = Pick<Context, 'db' | 'sessions' | 'now' | 'defer'>

const liveSession = {
  amr: computed.texts(sql`${sessions.amr}`),
  auth_time: sessions.authTime,
  expires_at: sessions.expiresAt,
  roles: userRoleNames(users.id),
} as const
type LiveSession = Row<typeof liveSession>

const readSession = prepareStatement(({ now, userId, sessionId }: SessionRef & { readonly now: number }) =>
  withRows(
    liveSession,
    sql`SELECT ${columnsOf(liveSession)} FROM sessions, users WHERE ${sessionLives({ userId, sessionId }, now)}`,
  ),
)

/**
 * Checks that a session is live: in KV first, and in the database when KV has no entry. A revocation takes
 * effect within 60 s in every region. The authentication method and time come from the access token.
 * @throws AppError `invalid_access_token`
 */
export async function checkSession(ctx: Dependencies, principal: Principal): Promise<SessionCheck> {
  const { userId, sessionId } = principal
  const cached = await ctx.sessions.find(sessionId)
  if (cached === 'revoked') throw new AppError('invalid_access_token')
  const snapshot = cached === 'unknown' ? await readAndRemember(ctx, { userId, sessionId }) : cached
  if (snapshot?.userId !== userId || snapshot.expiresAtMs <= ctx.now) throw new AppError('invalid_access_token')
  return showSessionCheck(principal, snapshot)
}

async function readAndRemember(ctx: Dependencies, ref: SessionRef): Promise<SessionSnapshot | undefined> {
  const snapshotOf = ({ roles, amr, auth_time, expires_at }: LiveSession): SessionSnapshot => ({
    userId: ref.userId,
    roles,
    amr,
    authTimeMs: auth_time,
    expiresAtMs: expires_at,
  })
  const read = readSession({ ...ref, now: ctx.now })
  const row = await ctx.db.first(rememberSessions(ctx, read, (found) => ({ ...ref, ...snapshotOf(found) })))
  return row && snapshotOf(row)
}
