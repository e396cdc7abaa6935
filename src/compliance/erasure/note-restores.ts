import * as z from 'zod'
import type { Context } from '../../context.ts'
import { inChunks } from '../../core/chunks.ts'
import { userIdSchema } from '../../core/ids.ts'
import { noteRestored } from './restored-statements.ts'

/** The members of an event that say who restored an account, and when. */
const restoredEvent = z.object({
  action: z.literal('user.restored'),
  outcome: z.literal('success'),
  subject_id: userIdSchema,
  occurred_at: z.int().min(0),
})

/** The members of an accepted event that decide. */
interface Accepted {
  readonly event: object
  /** The event has no seal: a version before 0.3.0 recorded it, or an attacker. */
  readonly isUnsealed: boolean
}

/**
 * Keeps a statement in the vault for each account that events of the queue say was restored. The consumer
 * does this before it archives them, so no restore waits for the vault, and one whose statement could not be
 * written is delivered again.
 *
 * A statement cancels every request that is older, so only a sealed event counts. Otherwise an attacker who
 * can write the queue could cancel the erasure of anybody, for ever.
 * @throws TimeLimitError
 */
export async function noteRestores(
  ctx: Pick<Context, 'receipts' | 'vaultStatements' | 'erasureMarkers'>,
  accepted: readonly Accepted[],
): Promise<void> {
  const sealed = accepted.filter(({ isUnsealed }) => !isUnsealed)
  const restores = sealed.flatMap(({ event }) => restoredEvent.safeParse(event).data ?? [])
  await inChunks(restores, (event) => noteRestored(ctx, { userId: event.subject_id, atMs: event.occurred_at }))
}
