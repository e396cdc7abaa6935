import type { LogReading } from '../../../context.ts'
import { GENESIS } from '../format/chain-head.ts'
import { checkpointPath } from '../format/segment-number.ts'
import { verifySignedHead } from '../format/signed-head.ts'
import { readPublishedKeys } from '../keys/published-keys.ts'
import { readHeads } from '../log/read-head.ts'
import { type CheckpointView, showCheckpoint } from './checkpoint-view.ts'

/**
 * Returns the checkpoint that the consumer signed when it wrote the newest segment. Nothing is signed on
 * request. A stored checkpoint that no published key signed is left out.
 */
export async function getCheckpoint(ctx: LogReading): Promise<CheckpointView> {
  const [{ head, old }, keys] = await Promise.all([readHeads(ctx), readPublishedKeys(ctx)])
  if (head !== undefined) return showCheckpoint(head, head.checkpoint, keys)
  if (old.sequence === GENESIS.sequence) return showCheckpoint(old, null, keys)
  const checkpoint = await ctx.archive.read(checkpointPath(old.sequence))
  const signed = checkpoint && (await verifySignedHead(checkpoint, async (kid) => keys.find((key) => key.kid === kid)))
  const isOurs = signed && signed.head.sequence === old.sequence && signed.head.hash === old.hash
  return showCheckpoint(old, isOurs ? checkpoint : null, keys)
}
