import { type SQL, sql } from 'drizzle-orm'
import * as z from 'zod'
import type { Context } from '../context.ts'
import { AppError } from '../core/errors.ts'
import type { UserId } from '../core/ids.ts'
import { ADMIN_ROLE } from '../core/operator.ts'
import { coversRoles } from '../core/two-step-policy.ts'
import { followPolicy } from '../identity/two-step/follow-policy.ts'
import type { Step } from '../storage/database/batch.ts'
import { sessionIsAlive } from '../storage/database/live-session.ts'
import type { Row } from '../storage/database/members.ts'
import { recordEvent } from '../storage/database/outbox.ts'
import { rememberSessions } from '../storage/database/remember-sessions.ts'
import { leavesAnAdmin } from '../storage/database/roles.ts'
import { columnsOf, computed, withRows } from '../storage/database/rows.ts'
import type { Statement } from '../storage/database/statement.ts'
import { isTombstone, mayBeNamed } from '../storage/database/users.ts'
import { insertInto } from '../storage/database/writes.ts'
import { sessions, userRoles } from '../storage/schema/index.ts'
import { type Account, showAccount } from './account-view.ts'
import type { AccountOperation, ChangeDependencies } from './change-account.ts'
import { operatorDetail, sealNote } from './operation.ts'
import { selectAccount } from './select-account.ts'

export interface RoleChange extends AccountOperation {
  /** All roles that the user has after the change. */
  readonly roles: readonly string[]
}

type RoleDependencies = ChangeDependencies & Pick<Context, 'settings'>

/** The most session snapshots to refresh after the response. Further snapshots expire within a minute. */
const MAX_REFRESHED = 50

/**
 * Gives an account exactly these roles. Operator routes and new access tokens use them at once. Existing
 * access tokens keep the old roles until they expire. `GET /auth/session` uses the new roles as soon as KV
 * has the snapshots that are refreshed here, and within 60 s in any case.
 * @throws AppError `not_found`, `last_admin`, `state_conflict` for an erased person, `unavailable`
 */
export async function changeRoles(ctx: RoleDependencies, change: RoleChange): Promise<Account> {
  const { userId, roles } = change
  const note = await sealNote(ctx, change)
  const wanted = sql`(SELECT value FROM json_each(${JSON.stringify(roles)}))`
  const mayChange = sql`EXISTS (SELECT 1 FROM users WHERE id = ${userId} AND NOT ${isTombstone})
    AND ${roles.includes(ADMIN_ROLE) ? sql`true` : leavesAnAdmin(userId)}`
  const detail = { ...operatorDetail(ctx, change), roles }
  const answers = await ctx.db.batch({
    allowed: sql`SELECT 1 WHERE ${mayChange}`,
    taken: sql`DELETE FROM user_roles WHERE user_id = ${userId} AND role NOT IN ${wanted} AND ${mayChange}`,
    given: sql`
      ${insertInto(userRoles, { role: sql`value`, user_id: userId }, { from: wanted, onlyIf: mayChange })}
      ON CONFLICT DO NOTHING`,
    record: recordEvent(
      ctx,
      { action: 'user.roles_changed', outcome: 'success', subjectId: userId, detail },
      {
        note,
        namesSubjectIf: mayBeNamed(userId),
        // This is still true after a change that it allowed: removing the role from a user leaves the same
        // other admins.
        outcome: sql`CASE WHEN ${mayChange} THEN 'success' ELSE 'failure' END`,
      },
    ),
    policy: followRoles(ctx, change, mayChange),
    account: selectAccount(userId),
    refreshed: rememberSessions(ctx, selectLiveSessions(userId, ctx.now, mayChange), (session) => ({
      sessionId: session.id,
      userId,
      roles,
      amr: session.amr,
      authTimeMs: session.auth_time,
      expiresAtMs: session.expires_at,
    })),
  })
  const [account] = answers.account
  if (account === undefined) throw new AppError('not_found')
  if (answers.allowed.length === 0) throw new AppError(account.is_erased ? 'state_conflict' : 'last_admin')
  return showAccount(account)
}

/**
 * Where the policy names roles, the account gets its due date in the batch that gives the role, and loses it
 * in the batch that takes the last one.
 */
function followRoles(ctx: RoleDependencies, { userId, roles }: RoleChange, onlyIf: SQL): Step {
  if (ctx.settings.TWO_STEP_REQUIRED !== 'roles') return undefined
  const isCovered = coversRoles(ctx.settings, roles)
  return followPolicy(ctx, ctx.settings, { userId, isCovered, by: 'role', onlyIf })
}

const sessionMembers = {
  id: sessions.id,
  amr: computed.json(sql`${sessions.amr}`, z.array(z.string())),
  auth_time: sessions.authTime,
  expires_at: sessions.expiresAt,
} as const

/** Selects the active sessions of an account whose roles were changed. Index `sessions_unrevoked`. */
const selectLiveSessions = (userId: UserId, now: number, onlyIf: SQL): Statement<Row<typeof sessionMembers>> =>
  withRows(
    sessionMembers,
    sql`
      SELECT ${columnsOf(sessionMembers)} FROM sessions
      WHERE user_id = ${userId} AND ${sessionIsAlive(now)} AND ${onlyIf} LIMIT ${MAX_REFRESHED}`,
  )
