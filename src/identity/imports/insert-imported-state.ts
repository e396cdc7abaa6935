import { type SQL, sql } from 'drizzle-orm'
import type { UserId } from '../../core/ids.ts'
import type { ImportedState } from './imported-state.ts'

interface Times {
  readonly now: number
  /** Unix milliseconds: when a deletion that says nothing else is purged. */
  readonly purgeAfterMs: number
}

interface StateColumns {
  readonly names: SQL
  readonly values: SQL
}

/** The columns of `users` that tell what happened to an account. */
export function stateColumns({ status, suspension, isResetRequired, deletion }: ImportedState, times: Times) {
  const purgeAfter = deletion && (deletion.purgeAfterMs ?? times.purgeAfterMs)
  return {
    names: sql`status, suspended_at, suspended_until, reset_required_at, deleted_at, purge_after`,
    values: sql`
      ${status}, ${suspension?.sinceMs ?? null}, ${suspension?.untilMs ?? null},
      ${isResetRequired ? times.now : null}, ${deletion?.requestedAtMs ?? null}, ${purgeAfter ?? null}`,
  } satisfies StateColumns
}

interface MovedAccount {
  readonly userId: UserId
  readonly state: ImportedState
}

/**
 * Statements for what stands beside the account: its erasure, and the hold that blocks it. None for nearly everybody.
 * @param isInserted SQL condition: the account was created
 */
export function insertImportedState({ userId, state }: MovedAccount, times: Times, isInserted: SQL): SQL[] {
  const { deletion, legalHold } = state
  const statements: SQL[] = []
  if (legalHold !== undefined)
    statements.push(sql`
      INSERT INTO legal_holds (user_id, reason, placed_at)
      SELECT ${userId}, ${legalHold.reason}, ${legalHold.placedAtMs} WHERE ${isInserted}`)
  if (deletion !== undefined)
    statements.push(sql`
      INSERT INTO erasures (user_id, requested_at, due_at, basis)
      SELECT ${userId}, ${deletion.requestedAtMs}, ${deletion.purgeAfterMs ?? times.purgeAfterMs}, ${deletion.basis}
      WHERE ${isInserted}`)
  return statements
}
