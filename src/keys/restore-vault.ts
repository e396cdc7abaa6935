import type { Context } from '../context.ts'
import { inChunks } from '../core/chunks.ts'
import type { VaultMirror } from '../core/ports.ts'
import { keyOwnerOf, type Means, sortMirrorOnly } from './compare-mirror.ts'

type Dependencies = Pick<Context, 'db' | 'vaultMirror' | 'erasureMarkers' | 'settings'>

const KEYS = 'keys/'

/**
 * Restores one page of what the vault has lost from the mirror: the erasure markers before the keys, so that
 * the key of an erased person is not restored. Objects that the vault has are not changed.
 * @param after path of the last object of the previous page
 */
export async function restoreVault(ctx: Dependencies, after: string | undefined, means: Means) {
  const { vaultMirror: mirror, settings } = ctx
  if (mirror === undefined) return { cursor: undefined, counts: {} }
  if (!after?.startsWith(KEYS)) {
    const page = await mirror.compare('erased/', after, settings.KEYS_PER_RUN)
    return { cursor: page.cursor ?? KEYS, counts: { markers: await restoreAll(mirror, page.onlyInMirror, means) } }
  }
  const page = await mirror.compare(KEYS, after === KEYS ? undefined : after, settings.KEYS_PER_RUN)
  const { missing } = await sortMirrorOnly({ ...ctx, ...means }, page.onlyInMirror.map(keyOwnerOf))
  const keys = await restoreAll(
    mirror,
    missing.map((owner) => KEYS + owner),
    means,
  )
  return { cursor: page.cursor, counts: { keys } }
}

/** @returns how many objects were restored */
async function restoreAll(mirror: VaultMirror, paths: readonly string[], { forAll, believe }: Means): Promise<number> {
  let restored = 0
  await forAll(paths, (some) =>
    inChunks(some, async (path) => {
      if (await mirror.restore(path, believe)) restored += 1
    }),
  )
  return restored
}
