import type { AuditAction } from '../core/audit-event.ts'
import { newTimeOrderedId, type UserId } from '../core/ids.ts'
import { literal } from './d1.ts'

// `started` and `due` together are what a purge would claim: neither completed nor held, and the time has come. Keep
// it equal to the condition of `claim` in compliance/erasure/purge-due-users.ts. What has started was due before.
const STATE = `CASE
  WHEN completed_at IS NOT NULL THEN 'completed'
  WHEN EXISTS (SELECT 1 FROM legal_holds h WHERE h.user_id = erasures.user_id) THEN 'held'
  WHEN started_at IS NOT NULL THEN 'started'
  WHEN due_at <= unixepoch() * 1000 THEN 'due' ELSE 'pending' END`

export const LIST_OPEN = `
  SELECT user_id, ${STATE} AS state, basis, datetime(due_at / 1000, 'unixepoch') AS due_at_utc
  FROM erasures WHERE completed_at IS NULL ORDER BY due_at LIMIT 500`

export const COUNT_OPEN = `
  SELECT ${STATE} AS state, count(*) AS users, datetime(min(due_at) / 1000, 'unixepoch') AS oldest_due_at_utc
  FROM erasures WHERE completed_at IS NULL GROUP BY state ORDER BY state`

export const LIST_RUNS = `
  SELECT job, datetime(started_at / 1000, 'unixepoch') AS started_at_utc,
    datetime(finished_at / 1000, 'unixepoch') AS finished_at_utc, counts
  FROM job_runs ORDER BY id DESC LIMIT 20`

export const findReceipt = (userId: UserId): string => `SELECT receipt FROM erasures WHERE user_id = ${literal(userId)}`

/**
 * The first statement answers a row when it placed the hold; the last one tells why it did not: `is_known` is 1 for a
 * user who is there and has not been erased, and who therefore has a hold already.
 */
export const placeHold = (userId: UserId, reason: string): readonly string[] => [
  `INSERT INTO legal_holds (user_id, reason, placed_at)
   SELECT ${literal(userId)}, ${literal(reason)}, unixepoch() * 1000 WHERE ${isKnown(userId)}
   ON CONFLICT DO NOTHING RETURNING user_id`,
  recordHold('legal_hold.placed', userId),
  `SELECT ${isKnown(userId)} AS is_known`,
]

/** The first statement answers a row when there was a hold to lift. */
export const liftHold = (userId: UserId): readonly string[] => [
  `DELETE FROM legal_holds WHERE user_id = ${literal(userId)} RETURNING user_id`,
  recordHold('legal_hold.lifted', userId),
]

const isKnown = (userId: UserId): string => `
  (EXISTS (SELECT 1 FROM users WHERE id = ${literal(userId)})
    AND NOT EXISTS (SELECT 1 FROM erasures WHERE user_id = ${literal(userId)} AND completed_at IS NOT NULL))`

type HoldAction = Extract<AuditAction['action'], `legal_hold.${string}`>

/** Records the event if the statement before it changed a row. */
const recordHold = (action: HoldAction, userId: UserId): string => `
  INSERT INTO audit_events (id, occurred_at, action, outcome, actor_type, subject_id, request_id)
  SELECT ${literal(newTimeOrderedId(Date.now()))}, unixepoch() * 1000, ${literal(action)}, 'success', 'system',
    ${literal(userId)}, ${literal(crypto.randomUUID())} WHERE changes() = 1`
