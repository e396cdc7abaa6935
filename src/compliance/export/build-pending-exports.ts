import type { Context } from '../../context.ts'

export async function buildPendingExports(_ctx: Context, _limit: number): Promise<number> {
  return 0
}
