import type { Context } from '../../context.ts'
import { type CheckpointView, showCheckpoint } from './checkpoint-view.ts'
import { readPublishedKeys } from './published-keys.ts'
import { readHead } from './read-head.ts'
import { checkpointPath } from './segment.ts'
import { verifySignedHead } from './signed-head.ts'

type Dependencies = Pick<Context, 'db' | 'archive' | 'receipts' | 'settings'>

/**
 * Returns the checkpoint that the consumer signed when it wrote the newest segment. Nothing is signed on
 * request. A stored checkpoint that is not about that segment, or not signed by a published key, is left out.
 */
export async function getCheckpoint(ctx: Dependencies): Promise<CheckpointView> {
  const [{ head, checkpoint }, keys] = await Promise.all([readNewest(ctx), readPublishedKeys(ctx)])
  const signed = checkpoint && (await verifySignedHead(checkpoint, async (kid) => keys.find((key) => key.kid === kid)))
  const isOurs = signed && signed.head.sequence === head.sequence && signed.head.hash === head.hash
  return showCheckpoint(head, isOurs ? checkpoint : null, keys)
}

async function readNewest(ctx: Pick<Dependencies, 'db' | 'archive'>) {
  const head = await readHead(ctx)
  return { head, checkpoint: await ctx.archive.read(checkpointPath(head.sequence)) }
}
