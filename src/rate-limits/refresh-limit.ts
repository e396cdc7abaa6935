import { type SQL, sql } from 'drizzle-orm'
import type { Limiting } from '../context.ts'
import type { SessionId } from '../core/ids.ts'
import type { CountRow } from '../storage/database/counters.ts'
import type { Changes } from '../storage/database/writes.ts'
import type { sessions } from '../storage/schema/index.ts'
import { countersFor } from './counters-for.ts'
import { limitBy, type RateLimit } from './rate-limit.ts'

/** The prepared counting of one refresh: by its network in `attempts`, and by its session in `sessions`. */
export interface RefreshLimit extends RateLimit {
  /** Changes to the row of the session that count this refresh. */
  readonly countInSession: Changes<typeof sessions>
  /** SQL condition on `sessions`, before these changes: the session may refresh once more in this window. */
  readonly mayRefresh: SQL
  /** The count of the session, as `assertWithinLimit` reads counts. */
  readonly countOf: (session: CountedSession) => CountRow[]
}

interface CountedSession {
  readonly refresh_count: number
  readonly refreshes_counted_until: number
}

/**
 * Prepares to count a refresh. The count of the session is in its own row, which a refresh writes anyway, so
 * it costs neither a statement nor a row.
 * @throws AppError `rate_limited`
 */
export async function prepareRefreshLimit(ctx: Limiting, sessionId: SessionId): Promise<RefreshLimit> {
  const counters = await countersFor(ctx, 'refresh', { session: sessionId })
  const own = counters.find(({ by }) => by === 'session')
  if (own === undefined) throw new TypeError('the policy of refreshes has no quota for a session')
  const byNetwork = counters.filter((counter) => counter !== own)
  const rateLimit = limitBy(ctx, 'refresh', counters, byNetwork)
  const [event, options] = rateLimit.event
  const hasPassed = sql`refreshes_counted_until <= ${ctx.now}`
  const hasJustPassedQuota = sql`
    (SELECT refresh_count FROM sessions WHERE id = ${sessionId}) = ${own.quota.count + 1}`
  return {
    ...rateLimit,
    event: [event, { ...options, onlyIf: sql`(${options?.onlyIf} OR ${hasJustPassedQuota})` }],
    countInSession: {
      refresh_count: sql`iif(${hasPassed}, 1, refresh_count + 1)`,
      refreshes_counted_until: sql`iif(${hasPassed}, ${ctx.now + own.quota.windowMs}, refreshes_counted_until)`,
    },
    mayRefresh: sql`(${hasPassed} OR refresh_count < ${own.quota.count})`,
    countOf: ({ refresh_count, refreshes_counted_until }) => [
      { key: own.key, count: refresh_count, ends_at: refreshes_counted_until },
    ],
  }
}
