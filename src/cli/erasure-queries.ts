import { sql } from 'drizzle-orm'
import { erasureStateAt } from '../compliance/erasure/erasure-state.ts'
import { canBeHeld, liftHold, placeHold } from '../compliance/erasure/legal-hold.ts'
import type { AuditAction } from '../core/audit-event.ts'
import type { UserId } from '../core/ids.ts'
import { previousChangedARow, type Recorder, recordEvent } from '../storage/outbox.ts'
import { literal, newRecorder, toText } from './d1.ts'

const STATE = erasureStateAt('(unixepoch() * 1000)')

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
 * user who is there and could be held, and who therefore has a hold already.
 */
export function holdStatements(userId: UserId, reason: string): readonly string[] {
  const recorder = newRecorder()
  return [
    placeHold({ userId, reason, now: recorder.now }),
    recordHold(recorder, 'legal_hold.placed', userId),
    sql`SELECT (${canBeHeld(userId, recorder.now)}) AS is_known`,
  ].map(toText)
}

/** The first statement answers a row when there was a hold to lift. */
export const releaseStatements = (userId: UserId): readonly string[] =>
  [liftHold(userId), recordHold(newRecorder(), 'legal_hold.lifted', userId)].map(toText)

type HoldAction = Extract<AuditAction['action'], `legal_hold.${string}`>

const recordHold = (recorder: Recorder, action: HoldAction, userId: UserId) =>
  recordEvent(recorder, { action, outcome: 'success', subjectId: userId }, { onlyIf: previousChangedARow })
