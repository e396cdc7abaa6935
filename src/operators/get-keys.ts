import type { Context } from '../context.ts'
import { getKeyProgress } from '../keys/get-key-progress.ts'
import { recordEvent } from '../storage/database/outbox.ts'
import type { KeyProgressView } from './key-progress-view.ts'
import { type Operating, operatorSession } from './operation.ts'

type Dependencies = Operating & Pick<Context, 'ring' | 'tokens' | 'settings'>

/** Returns what depends on each root key, and the progress of a rotation. */
export async function getKeys(ctx: Dependencies): Promise<KeyProgressView> {
  const { versions, signing, runs, ...progress } = await getKeyProgress(ctx, [
    recordEvent(ctx, { action: 'operator.keys_viewed', outcome: 'success', detail: operatorSession(ctx) }),
  ])
  const { current, published, revoked } = signing
  return {
    ...progress,
    versions: [...versions],
    signing: { current, published: [...published], revoked: [...revoked] },
    runs: [...runs],
  }
}
