import type { Context } from '../context.ts'
import type { OperatorDetail } from '../core/audit-event.ts'
import { AppError } from '../core/errors.ts'
import type { SessionId, UserId } from '../core/ids.ts'
import type { OperatorReason } from '../core/operator.ts'
import { type EventCiphertext, encryptNote } from '../storage/database/event-details.ts'

/** What every operator verb needs. All reads and changes by operators are recorded. */
export type Operating = Pick<Context, 'db' | 'outbox' | 'actor' | 'requestId' | 'now'>

/** The reason for an operation. */
export interface OperatorRequest {
  readonly reason: OperatorReason
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
 * Encrypts the note about a person for `audit_events.note_enc`, under that person's key. When the key is
 * destroyed, no note is stored.
 * @throws AppError `unavailable` when no store returns the key, rather than dropping the note
 */
export async function sealNote(
  ctx: Pick<Context, 'vault' | 'now'>,
  { userId, note }: { readonly userId: UserId; readonly note?: string | undefined },
): Promise<EventCiphertext | undefined> {
  if (note === undefined) return undefined
  const lookup = await ctx.vault.find(userId)
  if (lookup.kind === 'unavailable') throw new AppError('unavailable')
  return encryptNote(ctx, lookup, { owner: userId, note })
}
