import type { Context } from '../../context.ts'
import { readKnownKeys, readPublishedKeys } from './published-keys.ts'
import type { FindKey } from './signed-head.ts'

type Dependencies = Pick<Context, 'archive' | 'receipts' | 'settings'>

/** Finds the keys that trusted root keys of this isolate derive. Calls no store. */
export const derivedKeys =
  ({ receipts }: Pick<Dependencies, 'receipts'>): FindKey =>
  async (kid) =>
    receipts.derived.find(({ key, isTrusted }) => isTrusted && key.kid === kid)?.key

/** Finds derived keys, and keys that endorsements reach from them. Reads the archive for the latter alone. */
export const publishedKeys = (ctx: Dependencies): FindKey => {
  const derived = derivedKeys(ctx)
  const read = once(() => readPublishedKeys(ctx))
  return async (kid) => (await derived(kid)) ?? (await read()).find((key) => key.kid === kid)
}

/** As `publishedKeys`, and the keys of distrusted versions. */
export const knownKeys = (ctx: Omit<Dependencies, 'settings'>): FindKey => {
  const read = once(() => readKnownKeys(ctx))
  return async (kid) =>
    ctx.receipts.derived.find(({ key }) => key.kid === kid)?.key ?? (await read()).find((key) => key.kid === kid)
}

/** One call, whose result is used again. A failure is not kept. */
function once<T>(read: () => Promise<T>): () => Promise<T> {
  let result: T | undefined
  return async () => {
    result ??= await read()
    return result
  }
}
