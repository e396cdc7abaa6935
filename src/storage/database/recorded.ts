import { type SQL, sql } from 'drizzle-orm'
import type { AuditEvent } from '../../core/audit-event.ts'
import type { Recorded } from './batch.ts'
import { eventIdOf, type Recorder, type RecordOptions, recordEvent } from './outbox.ts'
import { countingChanges, type Runnable } from './statement.ts'

interface RecordedOptions extends Omit<RecordOptions, 'onlyIf' | 'outcome' | 'hasHappened'> {
  /** Also records a change that changed no row, with the outcome `failure`. */
  readonly recordsFailure?: true
}

/** A change and its event as one step, and a condition for later steps. */
export interface RecordedChange<Row> extends Recorded<Row> {
  /** SQL condition: the change changed a row. */
  readonly happened: SQL
}

/**
 * SQL condition: the previous statement changed a row. Valid only if no other statement can run between the
 * two.
 */
const changedARow = sql`changes() > 0`

/**
 * A change and the audit event that records it, as one step of a batch, so that no statement can be placed
 * between the two. If the change has changed a row and its event was not stored, the event is sent from
 * memory. Later steps that depend on the change use `happened`, which looks for the event by its id.
 */
export function recorded<Row>(
  ctx: Recorder,
  change: Runnable<Row>,
  event: AuditEvent,
  { recordsFailure, ...options }: RecordedOptions = {},
): RecordedChange<Row> {
  const id = eventIdOf(ctx, options)
  const condition = recordsFailure
    ? { outcome: sql`CASE WHEN ${changedARow} THEN 'success' ELSE 'failure' END` }
    : { onlyIf: changedARow }
  let changed = 0
  const hasHappened = () => recordsFailure === true || changed > 0
  return {
    change: countingChanges(change, (count) => {
      changed = count
    }),
    record: [recordEvent(ctx, event, { ...options, ...condition, id, hasHappened })],
    happened: sql`EXISTS (SELECT 1 FROM audit_events WHERE id = ${id}${recordsFailure ? sql` AND outcome = 'success'` : sql``})`,
  }
}
