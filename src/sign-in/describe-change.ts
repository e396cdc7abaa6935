import type { Context, Recording } from '../context.ts'
import { refuseErased } from '../core/data-key.ts'
import type { UserId } from '../core/ids.ts'
import { type EventCiphertext, encryptClient } from '../storage/database/event-details.ts'
import { type MailCiphertext, sealMailPayload } from '../storage/database/outbox-mail.ts'

interface DescribedChange {
  /** For the event. */
  readonly pii: EventCiphertext | undefined
  /** For the mail that tells the owner. */
  readonly payload: MailCiphertext | undefined
}

/**
 * Describes the client of a change that its owner makes to an account, encrypted for the batch of the change.
 * While no store answers for the data key, both are missing.
 * @throws AppError `invalid_access_token` for an erased person
 */
export async function describeChange(
  ctx: Recording & Pick<Context, 'vault'>,
  userId: UserId,
): Promise<DescribedChange> {
  const lookup = await ctx.vault.find(userId)
  refuseErased(lookup)
  const [pii, payload] = await Promise.all([
    encryptClient(ctx, lookup, userId),
    sealMailPayload(ctx, lookup, { userId, payload: { client: ctx.client } }),
  ])
  return { pii, payload }
}
