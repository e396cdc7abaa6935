import { type SQL, sql } from 'drizzle-orm'
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core'
import type { Context, Limiting } from '../context.ts'
import { newTimeOrderedId, timePrefix } from '../core/ids.ts'
import { ROTATION_GRACE_MS } from '../core/lifetimes.ts'
import { DAY_MS } from '../core/time.ts'
import type { RefreshTokenClaims } from '../core/token-text.ts'
import type { BlindIndexes } from '../crypto/blind-index.ts'
import { assertWithinLimit, rememberCounts } from '../rate-limits/rate-limit.ts'
import { prepareRefreshLimit, type RefreshLimit } from '../rate-limits/refresh-limit.ts'
import { sessionIsAlive } from '../storage/database/live-session.ts'
import type { Computed, Row } from '../storage/database/members.ts'
import { ownerOf, recordEvents } from '../storage/database/outbox.ts'
import { userRoleNames } from '../storage/database/roles.ts'
import { columnsOf, computed, withRows } from '../storage/database/rows.ts'
import { onReturned } from '../storage/database/statement.ts'
import { assignments } from '../storage/database/writes.ts'
import { sessions } from '../storage/schema/index.ts'
import { indexClient } from './session-device.ts'
import { idleExpiry } from './session-limits.ts'

type Dependencies = Limiting & Pick<Context, 'sessions'>

/** A session that stays on one network and device leaves one event in this time. */
const RECORD_EVERY_MS = DAY_MS

const sessionFacts = {
  user_id: sessions.userId,
  generation: sessions.generation,
  expires_at: sessions.expiresAt,
  idle_expires_at: sessions.idleExpiresAt,
  revoked_at: sessions.revokedAt,
  refresh_count: sessions.refreshCount,
  refreshes_counted_until: sessions.refreshesCountedUntil,
  amr: computed.texts(sql`${sessions.amr}`),
  auth_time: sessions.authTime,
  roles: userRoleNames(sessions.userId),
} as const

export type RotatedSession = Row<typeof sessionFacts & { is_live: Computed<boolean>; is_reused: Computed<boolean> }>

/**
 * Rotates the token. One statement counts the refresh, decides whether it rotates the session and whether it
 * is recorded, and returns the session. So no decision depends on an earlier read. A refresh is recorded if
 * its network or device differs from the last one of the session, and once a day. The event is recorded only
 * if the row then holds its id, which no other refresh can write.
 * @returns the session as it is now, whether it was rotated or not
 */
export async function rotateSession(
  ctx: Dependencies,
  claims: RefreshTokenClaims,
): Promise<RotatedSession | undefined> {
  const { sessionId } = claims
  const { db, now, settings } = ctx
  const [rateLimit, clientIndexes] = await Promise.all([
    prepareRefreshLimit(ctx, sessionId),
    indexClient(ctx.ring, sessionId, ctx.client),
  ])
  const eventId = newTimeOrderedId(now)
  const ifRotated = (value: SQL | number | string, column: SQLiteColumn) =>
    sql`iif(rotates, ${value}, ${sql.raw(column.name)})`
  const changes = {
    ...rateLimit.countInSession,
    generation: sql`generation + rotates`,
    rotated_at: ifRotated(now, sessions.rotatedAt),
    last_used_at: ifRotated(now, sessions.lastUsedAt),
    idle_expires_at: ifRotated(sql`min(${idleExpiry(settings, now)}, expires_at)`, sessions.idleExpiresAt),
    client_index: ifRotated(clientIndexes[0], sessions.clientIndex),
    last_event_id: sql`iif(rotates AND is_new, ${eventId}, last_event_id)`,
  }
  const { counted, rotated } = await db.batch({
    counted: rateLimit.count,
    rotated: returnSession(
      ctx,
      rateLimit,
      sql`
        UPDATE sessions SET ${assignments(sessions, changes)}
        FROM (
          SELECT id, ${mayRotate(claims, now)} AND ${rateLimit.mayRefresh} AND ${rateLimit.isWithinLimit} AS rotates,
            ${isNewUse(clientIndexes, now)} AS is_new
          FROM sessions WHERE id = ${sessionId} LIMIT 1) AS decided
        WHERE sessions.id = decided.id`,
      claims,
    ),
    recorded: recordEvents(ctx, [
      [
        { action: 'session.refreshed', outcome: 'success', detail: { session_id: sessionId } },
        {
          id: eventId,
          owner: ownerOf(sessionId),
          onlyIf: sql`EXISTS (SELECT 1 FROM sessions WHERE id = ${sessionId} AND last_event_id = ${eventId})`,
        },
      ],
      rateLimit.event,
    ]),
  })
  assertWithinLimit(ctx, rateLimit, [...counted, ...rotated.flatMap(rateLimit.countOf)])
  return rotated[0]
}

/** SQL condition on `sessions`: this is the newest token of a session that is live. */
const mayRotate = ({ generation }: RefreshTokenClaims, now: number): SQL =>
  sql`generation = ${generation} AND ${sessionIsAlive(now)}`

/**
 * SQL condition on `sessions`, never null: the last use of the session was from another network or device, or
 * its newest event is a day old.
 */
const isNewUse = (clientIndexes: BlindIndexes, now: number): SQL => sql`
  coalesce(client_index NOT IN ${clientIndexes} OR last_event_id < ${timePrefix(now - RECORD_EVERY_MS)}, true)`

/**
 * SQL condition on `sessions`: the token is older than the newest one and the grace period is over, so this
 * token or its successor was copied.
 */
export const isReused = ({ generation }: RefreshTokenClaims, now: number): SQL => sql`
  revoked_at IS NULL AND (generation > ${generation + 1}
    OR (generation = ${generation + 1} AND rotated_at < ${now - ROTATION_GRACE_MS}))`

/**
 * Reads the session that the change returns. Remembers its count if that is above the quota. If the session
 * ended before, its tombstone may have been lost, so the tombstone is written to KV again.
 */
function returnSession(ctx: Dependencies, rateLimit: RefreshLimit, change: SQL, claims: RefreshTokenClaims) {
  const { now, defer } = ctx
  const members = {
    ...sessionFacts,
    is_live: computed.flag(sessionIsAlive(now)),
    is_reused: computed.flag(isReused(claims, now)),
  } as const
  return onReturned(withRows(members, sql`${change} RETURNING ${columnsOf(members)}`), ([session]) => {
    if (session === undefined) return
    rememberCounts(ctx, rateLimit.counters, rateLimit.countOf(session))
    if (session.revoked_at !== null) defer(ctx.sessions.revoke(claims.sessionId))
  })
}
