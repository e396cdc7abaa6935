import { type SQL, sql } from 'drizzle-orm'
import type { UserId } from '../../core/ids.ts'
import { type ErasureRequest, type ErasureSeals, requestText } from '../../crypto/erasure-seal.ts'
import { voidTokens } from '../../storage/database/one-time-tokens.ts'
import { isTombstone } from '../../storage/database/users.ts'
import { assignments, type Changes, excluded, insertInto, onConflict } from '../../storage/database/writes.ts'
import { erasures } from '../../storage/schema/index.ts'

interface Schedule {
  readonly userId: UserId
  readonly now: number
  /** Unix milliseconds: the first purge after this time erases the account. */
  readonly dueAtMs: number
  readonly basis: 'user_request' | 'operator_request'
}

const isDeleted = (userId: UserId): SQL => sql`EXISTS (SELECT 1 FROM users WHERE id = ${userId} AND status = 'deleted')`

const isDeletedNow = (userId: UserId, now: number): SQL =>
  sql`EXISTS (SELECT 1 FROM users WHERE id = ${userId} AND status = 'deleted' AND deleted_at = ${now})`

/** The values of a row of `erasures` for a request, with its seal. */
export const sealedRequest = (request: ErasureRequest, seals: ErasureSeals) => ({
  ...request,
  seal: seals.seal(requestText(request)),
})

/** The changes that turn an older row of the same person into this request. */
export const replacingRequest: Changes<typeof erasures> = {
  requested_at: excluded(erasures.requestedAt),
  due_at: excluded(erasures.dueAt),
  basis: excluded(erasures.basis),
  seal: excluded(erasures.seal),
  started_at: null,
  completed_at: null,
  receipt: null,
  steps: '{}',
  attempts: 0,
  retry_at: null,
  refused_at: null,
}

/**
 * Schedules the purge of an account that was deleted in the same batch. A purge that is scheduled already can
 * only be moved to an earlier time; the new request then replaces the old one, because the seal covers all of
 * it. A row that is not this account's request never prevents one: a refused row, and any row that an account
 * had which was not deleted until now. Nor does a row that says that the purge is complete, of an account
 * whose data is still there.
 */
export function scheduleErasure({ userId, now, dueAtMs, basis }: Schedule, seals: ErasureSeals): SQL {
  const request = sealedRequest({ user_id: userId, requested_at: now, due_at: dueAtMs, basis }, seals)
  return sql`
    ${insertInto(erasures, request, { onlyIf: isDeleted(userId) })}
    ${onConflict([erasures.userId], assignments(erasures, replacingRequest))}
    WHERE refused_at IS NOT NULL OR (started_at IS NULL AND due_at > ${excluded(erasures.dueAt)})
      OR ${isDeletedNow(userId, now)}
      OR (completed_at IS NOT NULL AND EXISTS (SELECT 1 FROM users WHERE id = ${userId} AND NOT ${isTombstone}))`
}

/**
 * Voids restore, recovery and change tokens. A token from an earlier deletion must not undo the deletion of
 * this batch, and a change of address that an attacker requested must not take effect after it. When the
 * account was deleted by an earlier request, its tokens stay valid: with them the owner restores the account.
 */
export const forgetTokens = ({ userId, now }: Pick<Schedule, 'userId' | 'now'>): SQL =>
  voidTokens(sql`SELECT id FROM users WHERE id = ${userId} AND status = 'deleted' AND deleted_at = ${now}`, [
    'restore',
    'recover',
    'change',
  ])

/**
 * Cancels the erasure of an account that was restored in the same batch. A purge that has begun continues.
 */
export const cancelErasure = (userId: UserId): SQL => sql`
  DELETE FROM erasures WHERE user_id = ${userId} AND started_at IS NULL AND NOT ${isDeleted(userId)}`
