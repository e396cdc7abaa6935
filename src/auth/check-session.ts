import { sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { AppError } from '../core/errors.ts'
import type { SessionSnapshot } from '../core/ports.ts'
import { type SessionRef, sessionLives } from '../storage/database/live-session.ts'
import { prepareStatement } from '../storage/database/prepared.ts'
import { userRoleNames } from '../storage/database/roles.ts'
import { columnsOf, computed, withRows } from '../storage/database/rows.ts'
import { sessions, users } from '../storage/schema.ts'

type Dependencies = Pick<Context, 'db' | 'sessions' | 'now' | 'defer'>

const liveSession = {
  amr: computed.texts(sql`${sessions.amr}`),
  auth_time: sessions.authTime,
  expires_at: sessions.expiresAt,
  roles: userRoleNames(users.id),
} as const

const readSession = prepareStatement(({ now, userId, sessionId }: SessionRef & { readonly now: number }) =>
  withRows(
    liveSession,
    sql`SELECT ${columnsOf(liveSession)} FROM sessions, users WHERE ${sessionLives({ userId, sessionId }, now)}`,
  ),
)

/**
 * Whether a session still lives, answered at the edge: KV first, the database when KV does not know. A revocation is
 * seen within 60 s, everywhere. @throws AppError `invalid_access_token`
 */
export async function checkSession(ctx: Dependencies, ref: SessionRef): Promise<SessionSnapshot> {
  const cached = await ctx.sessions.find(ref.sessionId)
  if (cached === 'revoked') throw new AppError('invalid_access_token')
  const snapshot = cached === 'unknown' ? await readAndRemember(ctx, ref) : cached
  if (snapshot?.userId !== ref.userId || snapshot.expiresAtMs <= ctx.now) throw new AppError('invalid_access_token')
  return snapshot
}

async function readAndRemember(ctx: Dependencies, ref: SessionRef): Promise<SessionSnapshot | undefined> {
  const row = await ctx.db.first(readSession({ ...ref, now: ctx.now }))
  if (row === undefined) return undefined
  const snapshot = {
    userId: ref.userId,
    roles: row.roles,
    amr: row.amr,
    authTimeMs: row.auth_time,
    expiresAtMs: row.expires_at,
  }
  ctx.defer(ctx.sessions.remember(ref.sessionId, snapshot))
  return snapshot
}
