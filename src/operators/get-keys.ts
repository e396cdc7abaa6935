import { getKeyProgress, type KeyProgress } from '../compliance/keys/get-key-progress.ts'
import type { Context } from '../context.ts'
import { recordEvent } from '../storage/outbox.ts'
import { operatorSession } from './operation.ts'

type Dependencies = Pick<Context, 'db' | 'ring' | 'tokens' | 'settings' | 'actor' | 'requestId' | 'now' | 'outbox'>

/** What stands under each root key, and how far a rotation is. */
export const getKeys = (ctx: Dependencies): Promise<KeyProgress> =>
  getKeyProgress(ctx, [
    recordEvent(ctx, { action: 'operator.keys_viewed', outcome: 'success', detail: operatorSession(ctx) }),
  ])
