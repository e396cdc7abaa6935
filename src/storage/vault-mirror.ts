import type { UserId } from '../core/ids.ts'
import type { KeyOwner } from '../core/key-owner.ts'
import type { BelieveMarkers, MirrorPage, VaultMirror } from '../core/ports.ts'
import { holdSameDataKey, unwrapDataKey } from '../crypto/data-key.ts'
import { CiphertextError } from '../crypto/field-cipher.ts'
import type { KeyRing } from '../crypto/key-ring.ts'
import { readMarker } from './erasure-markers.ts'
import { copyToMirror, type ListedPage, listObjects } from './key-bucket.ts'
import { KEYS_PREFIX, vaultPath } from './key-vault.ts'
import { withTimeLimit } from './time-limit.ts'

interface MirrorStores {
  readonly vault: R2Bucket
  readonly mirror: R2Bucket
  readonly ring: KeyRing
}

const LIMIT_MS = 10_000

/** Objects of each bucket that one comparison lists. */
const COMPARED = 1000

/**
 * The mirror of the vault: a second bucket. The vault is authoritative, so its objects are copied into the
 * mirror. Only an operator's command copies an object back into the vault.
 */
export function createVaultMirror({ vault, mirror, ring }: MirrorStores): VaultMirror {
  const limited = <T>(work: Promise<T>) => withTimeLimit(work, LIMIT_MS)

  async function read(bucket: R2Bucket, path: string) {
    const object = await limited(bucket.get(path))
    if (object === null) return undefined
    return { text: await limited(object.text()), customMetadata: object.customMetadata }
  }

  async function copy(path: string): Promise<void> {
    const object = await read(vault, path)
    if (object !== undefined) await copyToMirror({ vault, mirror }, path, object)
  }

  /**
   * Deletes a restored key if its user has been erased. An erasure writes its marker before it destroys the
   * key, so a check after the restore finds every erasure that ran in between.
   */
  async function undoIfErased(path: string, believe: BelieveMarkers): Promise<boolean> {
    if (!path.startsWith(KEYS_PREFIX)) return false
    const marker = await readMarker(vault, path.slice(KEYS_PREFIX.length) as UserId)
    const isErased = marker !== undefined && (await believe([marker])).length > 0
    if (isErased) await limited(vault.delete(path))
    return isErased
  }

  return {
    copy,
    async compare(prefix, after, limit) {
      const page = { prefix, after, limit: COMPARED }
      const [ours, theirs] = await Promise.all([listObjects(vault, page), listObjects(mirror, page)])
      return comparePages(ours, theirs, limit)
    },
    async refresh(owner) {
      const path = vaultPath(owner)
      const [ours, theirs] = await Promise.all([read(vault, path), read(mirror, path)])
      if (ours === undefined || theirs === undefined) return true
      if (!(await mayReplace(ring, owner, { ours: ours.text, theirs: theirs.text }))) return false
      await copy(path)
      return true
    },
    async drop(owners) {
      if (owners.length > 0) await limited(mirror.delete(owners.map(vaultPath)))
    },
    async restore(path, believe) {
      const object = await read(mirror, path)
      if (object === undefined) return false
      const { text, customMetadata } = object
      const onlyIf = { etagDoesNotMatch: '*' }
      const restored = await limited(vault.put(path, text, { onlyIf, ...(customMetadata && { customMetadata }) }))
      return restored !== null && !(await undoIfErased(path, believe))
    },
  }
}

/**
 * Compares two sorted pages. Paths beyond the end of the shorter page, or beyond `limit` differences, are
 * left for the next page.
 */
function comparePages(ours: ListedPage, theirs: ListedPage, limit: number): MirrorPage {
  const [inVault, inMirror] = [etagsOf(ours), etagsOf(theirs)]
  const ends = [ours, theirs].flatMap(({ objects, isLast }) => (isLast ? [] : (objects.at(-1)?.path ?? [])))
  const isWithin = (end: string | undefined) => (path: string) => end === undefined || path <= end
  const end = ends.sort()[0]
  const paths = [...new Set([...inVault.keys(), ...inMirror.keys()])].filter(isWithin(end)).sort()
  const different = paths.filter((path) => inVault.get(path) !== inMirror.get(path))
  const cursor = different.length > limit ? different[limit - 1] : end
  const mended = different.slice(0, limit)
  return {
    cursor,
    same: paths.filter(isWithin(cursor)).length - mended.length,
    onlyInVault: mended.filter((path) => !inMirror.has(path)),
    onlyInMirror: mended.filter((path) => !inVault.has(path)),
    differing: mended.filter((path) => inVault.has(path) && inMirror.has(path)),
  }
}

const etagsOf = ({ objects }: ListedPage) => new Map(objects.map(({ path, etag }) => [path, etag]))

/**
 * Whether the mirror's wrapped key may be replaced by the vault's. The vault's key must unwrap. The mirror's
 * must hold the same data key, or fail to unwrap with the configured root keys.
 */
async function mayReplace(ring: KeyRing, owner: KeyOwner, wraps: { readonly ours: string; readonly theirs: string }) {
  try {
    await unwrapDataKey(ring, owner, wraps.ours)
  } catch (error) {
    if (error instanceof CiphertextError) return false
    throw error
  }
  try {
    return await holdSameDataKey(ring, owner, wraps.ours, wraps.theirs)
  } catch (error) {
    if (error instanceof CiphertextError) return true
    throw error
  }
}
