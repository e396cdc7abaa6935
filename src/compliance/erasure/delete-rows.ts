import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import type { UserId } from '../../core/ids.ts'
import { day } from '../../core/time.ts'
import { type ChangeCounts, countChanges } from '../../storage/database/count-changes.ts'
import { type PersonalDataOwner, ROWS_PER_SLICE } from '../../storage/database/personal-data.ts'
import type { Statement } from '../../storage/database/statement.ts'
import { assignments } from '../../storage/database/writes.ts'
import { erasures } from '../../storage/schema/index.ts'

/** Name of a step. It starts with a space, so no table has the same name. */
const STEPS = ' steps'

/** How far a deletion in slices got. */
export interface SlicedDeletion {
  /** How many transactions were used. */
  readonly slices: number
  /** Whether no row is left. */
  readonly isDone: boolean
}

/**
 * Deletes an erased user's rows, one transaction (slice) after the other. The first slice records how many
 * rows there were. A repeated run finds these counts and does not change them.
 * @param maxSlices the most transactions to use
 */
export async function deleteUserRows(
  { db }: Pick<Context, 'db'>,
  { userId, maxSlices }: { readonly userId: UserId; readonly maxSlices: number },
  owners: readonly PersonalDataOwner[],
): Promise<SlicedDeletion> {
  const deletions = owners.flatMap((owner) => owner.erasePersonalData(userId))
  const counts = deletions.filter(({ table }) => table !== 'users').map(({ table }) => countOf(table))
  for (let slices = 1; ; slices++) {
    const steps: Record<string, Statement<ChangeCounts>> = {
      [STEPS]: countChanges(noteSteps(userId, day(Date.now()), counts)),
      ...Object.fromEntries(deletions.map(({ table, statement }) => [table, countChanges(statement)])),
    }
    const changes = await db.batch(steps)
    const isDone = deletions.every(({ table }) => (changes[table]?.[0]?.changed ?? 0) < ROWS_PER_SLICE)
    if (isDone || slices >= maxSlices) return { slices, isDone }
  }
}

const noteSteps = (userId: UserId, at: string, counts: readonly SQL[]): SQL => sql`
  UPDATE erasures SET ${assignments(erasures, {
    steps: sql`json_object(
      'destroy_key', json_object('at', ${at}),
      'delete_exports', json_object('at', ${at}, 'count', (SELECT count(*) FROM exports t WHERE t.user_id = erasures.user_id)),
      'delete_rows', json_object('counts', json_object(${sql.join([...counts], sql`, `)})),
      'delete_events', json_object('count', (SELECT count(*) FROM audit_events t WHERE t.subject_id = erasures.user_id)))`,
  })}
  WHERE steps = '{}' AND user_id = ${userId}`

const countOf = (table: string): SQL =>
  sql`${table}, (SELECT count(*) FROM ${sql.identifier(table)} t WHERE t.user_id = erasures.user_id)`
