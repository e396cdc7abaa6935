import { inChunks } from '../core/chunks.ts'
import type { KeyOwner } from '../core/key-owner.ts'
import type { KeyRotation } from '../core/ports.ts'
import { MissingRootKeyError, rewrapDataKey, wrappedUnder } from '../crypto/data-key.ts'
import { CiphertextError } from '../crypto/field-cipher.ts'
import type { KeyRing } from '../crypto/key-ring.ts'
import { createKeyBucket, listObjects, type VaultBuckets } from './key-bucket.ts'
import { cacheKey, KEYS_PREFIX, vaultPath } from './key-vault.ts'
import { withTimeLimit } from './time-limit.ts'

interface RotationStores extends VaultBuckets {
  readonly cache: KVNamespace
  readonly ring: KeyRing
}

/**
 * Objects in one listing. A listing shows the root key version of every key, so a page without old keys costs
 * one call.
 */
const LISTED = 1000

const CACHE_LIMIT_MS = 500

/** Wraps data keys under the newest root key, one page of the vault at a time. */
export function createKeyRotation({ vault, mirror, cache, ring }: RotationStores): KeyRotation {
  const keys = createKeyBucket({ vault, mirror }, () => undefined)
  const newest = ring.newest.version

  /**
   * Wraps one data key under the newest root key. The replacement names the etag of the object that was read,
   * so it fails if a destruction or another run of this job has changed the object in between.
   * @returns the names under which the job counts this key
   */
  async function rewrap(owner: KeyOwner): Promise<readonly string[]> {
    const stored = await keys.get(vaultPath(owner))
    if (stored === undefined) return []
    const wasCurrent = wrappedUnder(stored.text) === newest
    let wrapped: string
    try {
      wrapped = wasCurrent ? stored.text : await rewrapDataKey(ring, owner, stored.text)
    } catch (error) {
      if (error instanceof MissingRootKeyError) return [versionCount(error.version)]
      if (error instanceof CiphertextError) return ['unreadable']
      throw error
    }
    if (!(await keys.replace(vaultPath(owner), wrapped, newest, stored.etag))) return []
    // Delete the cached copy instead of replacing it: a copy written here could outlive a destruction.
    await withTimeLimit(cache.delete(cacheKey(owner)), CACHE_LIMIT_MS).catch(() => undefined)
    return wasCurrent ? [versionCount(newest)] : [versionCount(newest), 'rewrapped']
  }

  return {
    async rewrapPage(after, limit, forAll) {
      const start = after === undefined ? undefined : vaultPath(after)
      const page = await listObjects(vault, { prefix: KEYS_PREFIX, after: start, limit: LISTED })
      const listed = page.objects.map(({ path, rootKeyVersion }) => ({ owner: ownerOf(path), rootKeyVersion }))
      const stale = listed.filter(({ rootKeyVersion }) => rootKeyVersion !== newest)
      const due = stale.slice(0, limit)
      const isCut = stale.length > due.length
      const last = isCut ? due.at(-1) : listed.at(-1)
      const passed = last === undefined ? 0 : listed.indexOf(last) + 1
      const outcomes = new Map<KeyOwner, readonly string[]>()
      await forAll(due, (some) => inChunks(some, async ({ owner }) => outcomes.set(owner, await rewrap(owner))))
      return {
        cursor: page.isLast && !isCut ? undefined : last?.owner,
        counts: countNames([[versionCount(newest), passed - due.length], ...[...outcomes.values()].flat().map(once)]),
      }
    },
  }
}

const ownerOf = (path: string): KeyOwner => path.slice(KEYS_PREFIX.length) as KeyOwner

/** The name under which a run counts the keys of a root key version. */
const versionCount = (version: number): string => `version_${version}`

const once = (name: string): readonly [string, number] => [name, 1]

function countNames(entries: readonly (readonly [string, number])[]): Record<string, number> {
  const counts: Record<string, number> = { rewrapped: 0, unreadable: 0 }
  for (const [name, count] of entries) counts[name] = (counts[name] ?? 0) + count
  return counts
}
