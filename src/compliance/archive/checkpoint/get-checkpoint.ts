import type { Context, LogReading } from '../../../context.ts'
import { GENESIS } from '../format/chain-head.ts'
import { checkpointPath } from '../format/segment-number.ts'
import { verifySignedHead } from '../format/signed-head.ts'
import { readListedKeys } from '../keys/listed-keys.ts'
import { readHeads } from '../log/read-head.ts'
import { type SignedHeadView, showHead } from './checkpoint-view.ts'

/**
 * Returns the checkpoint that the consumer signed when it wrote the newest segment. Nothing is signed on
 * request. A stored checkpoint that no published key signed is left out.
 * @param origin the name of the log
 */
export async function getCheckpoint(ctx: LogReading & Pick<Context, 'ring'>, origin: string): Promise<SignedHeadView> {
  const [{ head, old }, listed] = await Promise.all([readHeads(ctx), readListedKeys(ctx, origin)])
  if (head !== undefined) return showHead(head, head.checkpoint, listed)
  if (old.sequence === GENESIS.sequence) return showHead(old, null, listed)
  const checkpoint = await ctx.archive.read(checkpointPath(old.sequence))
  const findKey = async (kid: string) => listed.keys.find((key) => key.kid === kid)
  const signed = checkpoint && (await verifySignedHead(checkpoint, findKey))
  const isOurs = signed && signed.head.sequence === old.sequence && signed.head.hash === old.hash
  return showHead(old, isOurs ? checkpoint : null, listed)
}
