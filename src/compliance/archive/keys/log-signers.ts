import type { Context } from '../../../context.ts'
import { countsAt, mayCountAt } from '../../../core/distrust.ts'
import type { FindKey } from '../format/signed-head.ts'
import { followKnown, followPublished, readEndorsements } from './published-keys.ts'

type Dependencies = Pick<Context, 'archive' | 'receipts' | 'settings'>
type Deriving = Pick<Dependencies, 'receipts' | 'settings'>

/**
 * Finds the keys that trusted root keys of this isolate derive, and those of distrusted ones up to their
 * position. Calls no store.
 */
export const derivedKeys = ({ receipts, settings }: Deriving): FindKey => {
  return async (kid, sequence) =>
    receipts.derived.find(
      ({ key, version }) => key.kid === kid && countsAt(settings.DISTRUSTED_ROOT_KEYS, version, sequence),
    )?.key
}

/** Finds derived keys, and keys that endorsements reach from them. Reads the archive for the latter alone. */
export const publishedKeys = (ctx: Dependencies): FindKey => {
  const derived = derivedKeys(ctx)
  const read = once(() => readEndorsements(ctx))
  return async (kid, sequence) =>
    (await derived(kid, sequence)) ??
    (await followPublished(ctx, await read(), sequence)).find((key) => key.kid === kid)
}

/**
 * As `publishedKeys`, and the keys of root keys that are distrusted without a position. Only a caller that
 * knows from elsewhere that the segment is genuine may use it.
 */
export const knownKeys = (ctx: Dependencies): FindKey => {
  const { receipts, settings } = ctx
  const read = once(() => readEndorsements(ctx))
  return async (kid, sequence) => {
    const derived = receipts.derived.find(({ key }) => key.kid === kid)
    if (derived === undefined) {
      return (await followKnown(ctx, await read(), sequence)).find((key) => key.kid === kid)
    }
    return mayCountAt(settings.DISTRUSTED_ROOT_KEYS, derived.version, sequence) ? derived.key : undefined
  }
}

/** One call, whose result is used again. A failure is not kept. */
function once<T>(read: () => Promise<T>): () => Promise<T> {
  let result: T | undefined
  return async () => {
    result ??= await read()
    return result
  }
}
