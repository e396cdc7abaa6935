import type { Publishing } from '../../../context.ts'
import { tryStored } from '../../../core/json.ts'
import { CHECKPOINT_SECONDS } from '../../../core/lifetimes.ts'
import { type CheckpointView, checkpointView } from './checkpoint-view.ts'
import { getCheckpoint } from './get-checkpoint.ts'
import { describeKeys, readPublication } from './publication.ts'

/**
 * Returns the published checkpoint and keys, at most a minute old. Until the cron has published one under the
 * present keys of the service, returns the newest checkpoint.
 */
export async function getPublishedCheckpoint(ctx: Publishing): Promise<CheckpointView> {
  const name = `audit-checkpoint ${describeKeys(ctx)}`
  const kept = tryStored(checkpointView.schema, (await ctx.answers.find(name)) ?? '')
  if (kept !== undefined) return kept
  const view = (await readPublication(ctx))?.view ?? (await getCheckpoint(ctx))
  await ctx.answers.keep(name, JSON.stringify(view), CHECKPOINT_SECONDS)
  return view
}
