import type { Context } from '../context.ts'
import type { OperatorDetail } from '../core/audit-event.ts'
import { AppError } from '../core/errors.ts'
import type { SessionId } from '../core/ids.ts'
import type { KeyOwner } from '../core/key-owner.ts'
import type { OperatorReason } from '../core/operator.ts'
import type { DataKeyLookup } from '../core/ports.ts'
import { encryptNote } from '../storage/database/outbox.ts'

/** What every operator verb needs. All reads and changes by operators are recorded. */
export type Operating = Pick<Context, 'db' | 'outbox' | 'actor' | 'requestId' | 'now'>

/** The reason for an operation. */
export interface OperatorRequest {
  readonly reason: OperatorReason
  /** Free text by the operator. It may name people, so it is encrypted before it is stored or sent. */
  readonly note?: string | undefined
}

/**
 * The detail that identifies the session of the operator in an event.
 * @throws TypeError when the actor is not a signed-in user
 */
export function operatorSession({ actor }: Pick<Context, 'actor'>): { readonly operator_session_id: SessionId } {
  if (actor.type !== 'user') throw new TypeError('an operator is a signed-in user')
  return { operator_session_id: actor.sessionId }
}

export const operatorDetail = (ctx: Pick<Context, 'actor'>, { reason }: OperatorRequest): OperatorDetail => ({
  ...operatorSession(ctx),
  reason,
})

/**
 * Encrypts the note for `audit_events.pii_enc`. When the key of its owner is destroyed, no note is stored.
 * @throws AppError `unavailable` when no store returns the key, rather than dropping the note
 */
export async function sealNote(
  owner: KeyOwner,
  findKey: () => Promise<DataKeyLookup>,
  { note }: OperatorRequest,
): Promise<string | undefined> {
  if (note === undefined) return undefined
  const lookup = await findKey()
  if (lookup.kind === 'unavailable') throw new AppError('unavailable')
  return encryptNote(lookup, owner, note)
}
