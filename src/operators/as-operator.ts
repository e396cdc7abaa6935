import { sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { AppError } from '../core/errors.ts'
import type { Principal } from '../core/principal.ts'
import { guardDatabase } from '../storage/database/guarded-database.ts'
import { type SessionRef, sessionLives, whereSessionLives } from '../storage/database/live-session.ts'
import { isAdmin } from '../storage/database/roles.ts'
import { recordEvent } from '../storage/outbox.ts'

/**
 * The context of an operator's request. Its database does nothing and tells nothing unless, in the same transaction,
 * the session lives and its user is an admin: the roles in the token are not looked at, so a demotion holds from the
 * next statement on, and a verb cannot forget to ask.
 * @param route its pattern, for the record of a refusal
 */
export function asOperator(ctx: Context, principal: Principal, route: string): Context {
  const { userId, sessionId } = principal
  const ref = { userId, sessionId }
  const acting = { ...ctx, actor: { type: 'user', ...ref } as const }
  const mayAct = sql`EXISTS (
    SELECT 1 FROM sessions, users WHERE ${sessionLives(ref, ctx.now)} AND ${isAdmin(sql`users.id`)})`
  return { ...acting, db: guardDatabase(ctx.db, mayAct, () => explainRefusal(acting, ref, route)) }
}

/** @throws AppError `invalid_access_token` when the session has ended, `forbidden`, which is recorded, for who is no admin */
async function explainRefusal(
  ctx: Pick<Context, 'db' | 'actor' | 'requestId' | 'now' | 'outbox'>,
  ref: SessionRef,
  route: string,
): Promise<void> {
  const isHolder = isAdmin(sql`${ref.userId}`)
  const [[session]] = await ctx.db.batch([
    sql<{ is_admin: number }>`
      SELECT ${isHolder} AS is_admin FROM sessions, users WHERE ${sessionLives(ref, ctx.now)}`,
    recordEvent(
      ctx,
      {
        action: 'operator.denied',
        outcome: 'failure',
        subjectId: ref.userId,
        detail: { route, session_id: ref.sessionId },
      },
      { onlyIf: sql`${whereSessionLives(ref, ctx.now)} AND NOT ${isHolder}` },
    ),
  ])
  if (session === undefined) throw new AppError('invalid_access_token')
  if (session.is_admin === 0) throw new AppError('forbidden')
}
