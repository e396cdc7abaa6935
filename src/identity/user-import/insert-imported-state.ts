import type { SQL } from 'drizzle-orm'
import type { UserId } from '../../core/ids.ts'
import { type ErasureSeals, holdText, requestText } from '../../crypto/erasure-seal.ts'
import { insertInto } from '../../storage/database/writes.ts'
import { erasures, legalHolds } from '../../storage/schema/index.ts'
import type { ImportedState } from './imported-state.ts'

interface Times {
  readonly now: number
  /** Unix milliseconds: when an imported deletion without a time of its own is purged. */
  readonly purgeAfterMs: number
}

/** The columns of `users` for the state of an imported account, by their SQL names. */
export const stateValues = (
  { status, suspension, isResetRequired, deletion, twoStepAtMs, twoStepDueAtMs }: ImportedState,
  times: Times,
) => ({
  status,
  suspended_at: suspension?.sinceMs,
  suspended_until: suspension?.untilMs,
  reset_required_at: isResetRequired ? times.now : null,
  deleted_at: deletion?.requestedAtMs,
  purge_after: deletion && (deletion.purgeAfterMs ?? times.purgeAfterMs),
  two_step_at: twoStepAtMs,
  two_step_due_at: twoStepDueAtMs,
})

interface ImportedAccount {
  readonly userId: UserId
  readonly state: ImportedState
}

/**
 * Statements for the erasure of an imported account and for the legal hold that blocks it. Most accounts have
 * neither.
 * @param isInserted SQL condition: the account was created
 */
export function insertImportedState(
  { userId, state }: ImportedAccount,
  { seals, ...times }: Times & { readonly seals: ErasureSeals },
  isInserted: SQL,
): SQL[] {
  const { deletion, legalHold } = state
  const hold = legalHold && { user_id: userId, reason: legalHold.reason, placed_at: legalHold.placedAtMs }
  const erasure = deletion && {
    user_id: userId,
    requested_at: deletion.requestedAtMs,
    due_at: deletion.purgeAfterMs ?? times.purgeAfterMs,
    basis: deletion.basis,
  }
  return [
    ...(hold ? [insertInto(legalHolds, { ...hold, seal: seals.seal(holdText(hold)) }, { onlyIf: isInserted })] : []),
    ...(erasure
      ? [insertInto(erasures, { ...erasure, seal: seals.seal(requestText(erasure)) }, { onlyIf: isInserted })]
      : []),
  ]
}
