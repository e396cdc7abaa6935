import type { Context } from '../context.ts'
import type { OperatorDetail } from '../core/audit-event.ts'
import { AppError } from '../core/errors.ts'
import type { SessionId } from '../core/ids.ts'
import type { KeyOwner } from '../core/key-owner.ts'
import type { OperatorReason } from '../core/operator.ts'
import type { DataKeyLookup } from '../core/ports.ts'
import { encryptNote } from '../storage/database/outbox.ts'

/** What every verb of an operator needs: whatever operators do or look at is recorded. */
export type Operating = Pick<Context, 'db' | 'outbox' | 'actor' | 'requestId' | 'now'>

/** Why an operator does something. */
export interface OperatorRequest {
  readonly reason: OperatorReason
  /** In the operator's own words; it may name people, so it is encrypted before it goes anywhere. */
  readonly note?: string | undefined
}

/**
 * What an event about an operator's doing says of the operator.
 * @throws when the actor is no signed-in user
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
 * The note for `audit_events.pii_enc`. With a destroyed key nothing is kept: there is nobody left whose it
 * could be.
 * @throws AppError `unavailable` rather than dropping it while no store gives the key
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
