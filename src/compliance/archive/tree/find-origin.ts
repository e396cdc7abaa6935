import type { Context } from '../../../context.ts'
import { originOf } from '../keys/log-keys.ts'
import { readPublishedTree } from './published-tree.ts'
import { readTree } from './tree-state.ts'

/** Finds the name of the log: that of its checkpoints, if there are any. @throws TimeLimitError */
export const findOrigin = async (ctx: Pick<Context, 'db' | 'ring' | 'settings' | 'vaultStatements'>): Promise<string> =>
  ((await readTree(ctx)) ?? (await readPublishedTree(ctx)))?.head.origin ?? originOf(ctx.settings)
