import { sql } from 'drizzle-orm'
import { findLock, type Lock } from '../auth/limits/find-lock.ts'
import type { Context } from '../context.ts'
import type { UserId } from '../core/ids.ts'
import { rfc3339 } from '../core/time.ts'
import { recordEvent } from '../storage/outbox.ts'
import { knownUser } from './account.ts'
import { operatorSession } from './operation.ts'

/** A count that has not run out, and whether it keeps the person out. */
export interface ShownLock {
  readonly kind: Lock['kind']
  readonly policy: Lock['policy']
  readonly by: Lock['by']
  readonly count: number
  readonly quota: number
  readonly is_blocked: boolean
  /** RFC 3339. */
  readonly ends_at: string
}

type Dependencies = Pick<Context, 'db' | 'ring' | 'settings' | 'vault' | 'actor' | 'requestId' | 'now' | 'outbox'>

/** What is counted about a person right now. @throws AppError `not_found`, `unavailable` */
export async function getLock(ctx: Dependencies, userId: UserId): Promise<readonly ShownLock[]> {
  const known = knownUser(userId)
  await ctx.db.batch([
    recordEvent(
      ctx,
      { action: 'operator.lock_viewed', outcome: 'success', detail: operatorSession(ctx) },
      { subject: known, outcome: sql`CASE WHEN ${known} IS NULL THEN 'failure' ELSE 'success' END` },
    ),
  ])
  const locks = await findLock(ctx, { userId })
  return locks.map(({ kind, policy, by, count, quota, isBlocked, endsAtMs }) => ({
    ...{ kind, policy, by, count, quota },
    is_blocked: isBlocked,
    ends_at: rfc3339(endsAtMs),
  }))
}
