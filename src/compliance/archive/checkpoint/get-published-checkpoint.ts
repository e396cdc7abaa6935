import type { Publishing } from '../../../context.ts'
import type { CheckpointView } from './checkpoint-view.ts'
import { getPublished } from './get-published.ts'

/**
 * Returns the published checkpoints and keys, at most a minute old. Until the cron has published one under
 * the present keys of the service, returns the newest checkpoint of the archive.
 */
export async function getPublishedCheckpoint(ctx: Publishing): Promise<CheckpointView> {
  const { view, log } = await getPublished(ctx)
  return { ...view, note: log?.note ?? null }
}
