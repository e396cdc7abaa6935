import { type SQL, sql } from 'drizzle-orm'
import type { UserId } from '../../core/ids.ts'
import { voidTokens } from '../../storage/database/one-time-tokens.ts'
import { assignments, excluded, insertInto, onConflict } from '../../storage/database/writes.ts'
import { erasures } from '../../storage/schema/index.ts'

interface Schedule {
  readonly userId: UserId
  readonly now: number
  /** Unix milliseconds: the first purge after this time erases the account. */
  readonly dueAtMs: number
  readonly basis: 'user_request' | 'operator_request'
}

const isDeleted = (userId: UserId): SQL => sql`EXISTS (SELECT 1 FROM users WHERE id = ${userId} AND status = 'deleted')`

/**
 * Schedules the purge of an account that was deleted in the same batch. A purge that is scheduled already can
 * only be moved to an earlier time.
 */
export const scheduleErasure = ({ userId, now, dueAtMs, basis }: Schedule): SQL => sql`
  ${insertInto(erasures, { user_id: userId, requested_at: now, due_at: dueAtMs, basis }, { onlyIf: isDeleted(userId) })}
  ${onConflict([erasures.userId], assignments(erasures, { due_at: excluded(erasures.dueAt) }))}
  WHERE started_at IS NULL AND due_at > ${excluded(erasures.dueAt)}`

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
