import { type SQL, sql } from 'drizzle-orm'
import type { UserId } from '../../core/ids.ts'
import { voidTokens } from '../../storage/database/one-time-tokens.ts'
import { assignments, excluded, insertInto, onConflict } from '../../storage/database/writes.ts'
import { erasures } from '../../storage/schema/index.ts'

interface Schedule {
  readonly userId: UserId
  readonly now: number
  /** Unix milliseconds: the first purge after this erases. */
  readonly dueAtMs: number
  readonly basis: 'user_request' | 'operator_request'
}

const isDeleted = (userId: UserId): SQL => sql`EXISTS (SELECT 1 FROM users WHERE id = ${userId} AND status = 'deleted')`

/**
 * Schedules the purge of an account that was deleted in the same batch; one that is scheduled is only brought
 * forward.
 */
export const scheduleErasure = ({ userId, now, dueAtMs, basis }: Schedule): SQL => sql`
  ${insertInto(erasures, { user_id: userId, requested_at: now, due_at: dueAtMs, basis }, { onlyIf: isDeleted(userId) })}
  ${onConflict([erasures.userId], assignments(erasures, { due_at: excluded(erasures.dueAt) }))}
  WHERE started_at IS NULL AND due_at > ${excluded(erasures.dueAt)}`

/**
 * A token from an earlier deletion must not undo the one of this batch, nor a thief's change of address
 * outlive it. What was handed out since an earlier deletion stays: it is the owner's way to return.
 */
export const forgetTokens = ({ userId, now }: Pick<Schedule, 'userId' | 'now'>): SQL =>
  voidTokens(sql`SELECT id FROM users WHERE id = ${userId} AND status = 'deleted' AND deleted_at = ${now}`, [
    'restore',
    'recover',
    'change',
  ])

/**
 * Takes back the schedule of an account that was restored in the same batch. A purge that has begun goes on.
 */
export const cancelErasure = (userId: UserId): SQL => sql`
  DELETE FROM erasures WHERE user_id = ${userId} AND started_at IS NULL AND NOT ${isDeleted(userId)}`
