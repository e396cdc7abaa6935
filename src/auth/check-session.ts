import { sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { AppError } from '../core/errors.ts'
import type { SessionSnapshot } from '../core/ports.ts'
import { type SessionRef, sessionLives } from '../storage/database/live-session.ts'
import { parseRoles, rolesOf } from '../storage/database/roles.ts'

type Dependencies = Pick<Context, 'db' | 'sessions' | 'now' | 'defer'>

interface SessionRow {
  readonly roles: string
  readonly amr: string
  readonly auth_time: number
  readonly expires_at: number
}

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
  const row = await ctx.db.first(sql<SessionRow>`
    SELECT sessions.amr, sessions.auth_time, sessions.expires_at,
      ${rolesOf(sql`users.id`)} AS roles
    FROM sessions, users WHERE ${sessionLives(ref, ctx.now)}`)
  if (row === undefined) return undefined
  const snapshot = {
    userId: ref.userId,
    roles: parseRoles(row.roles),
    amr: JSON.parse(row.amr),
    authTimeMs: row.auth_time,
    expiresAtMs: row.expires_at,
  }
  ctx.defer(ctx.sessions.remember(ref.sessionId, snapshot))
  return snapshot
}
