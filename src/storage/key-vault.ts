import { inChunks } from '../core/chunks.ts'
import { AppError } from '../core/errors.ts'
import { type KeyOwner, systemKeyOwner } from '../core/key-owner.ts'
import { CACHED_KEY_SECONDS } from '../core/lifetimes.ts'
import { log } from '../core/log.ts'
import type { DataKeyLookup, DerivedKeyPurpose, KeyLookup, KeyVault } from '../core/ports.ts'
import { deriveFromDataKey, MissingRootKeyError, newDataKey, unwrapDataKey, wrapDataKey } from '../crypto/data-key.ts'
import { importAesKey, type KeyRing } from '../crypto/key-ring.ts'
import { createKeyBucket, type VaultBuckets } from './key-bucket.ts'
import type { LruMap } from './lru.ts'
import { withTimeLimit } from './time-limit.ts'

/**
 * Imported data keys of this isolate. It must not hold promises: a promise that outlives its request never
 * settles.
 */
export type DataKeyCache = LruMap<CryptoKey>

/** Keys of this isolate that were derived from data keys. */
export type DerivedKeyCache = LruMap<Uint8Array>

interface VaultStores extends VaultBuckets {
  readonly cache: KVNamespace
  readonly isolateCache: DataKeyCache
  readonly derivedCache: DerivedKeyCache
  readonly ring: KeyRing
  readonly defer: (work: Promise<unknown>) => void
}

export const KEYS_PREFIX = 'keys/'

/** Path of a wrapped key in R2. */
export const vaultPath = (owner: string): string => KEYS_PREFIX + owner

/** Key of the cached copy in KV. */
export const cacheKey = (owner: string): string => `dek:${owner}`

/** Key of a derived key in the isolate's cache. An owner contains no space. */
const derivedName = (owner: KeyOwner, purpose: DerivedKeyPurpose): string => `${purpose} ${owner}`

const derivedPurposes: readonly DerivedKeyPurpose[] = ['pseudonym']

const CACHE_LIMIT_MS = 500
const VAULT_LIMIT_MS = 3000

/**
 * The vault of data keys. R2 is authoritative. KV caches wrapped keys for an hour, and the isolate caches
 * imported keys for minutes.
 */
export function createKeyVault(stores: VaultStores): KeyVault {
  const { vault, mirror, cache, isolateCache, derivedCache, ring, defer } = stores
  const limited = <T>(work: Promise<T>) => withTimeLimit(work, VAULT_LIMIT_MS)
  const keys = createKeyBucket({ vault, mirror }, defer)

  async function find(owner: KeyOwner): Promise<DataKeyLookup> {
    const imported = isolateCache.get(owner)
    if (imported !== undefined) return { kind: 'found', key: imported }
    return lookUp(owner, unwrapInto(owner), (wrapped) => remember(owner, wrapped))
  }

  const unwrapInto = (owner: KeyOwner) => async (wrapped: string) => {
    const key = await unwrapDataKey(ring, owner, wrapped)
    isolateCache.set(owner, key)
    return key
  }

  /**
   * Does not write the wrapped key to KV. Only the consumer of events derives keys, so its isolate's cache
   * saves most reads, and a write to KV costs more than ten reads of the vault.
   */
  async function findDerived(owner: KeyOwner, purpose: DerivedKeyPurpose): Promise<KeyLookup<Uint8Array>> {
    const name = derivedName(owner, purpose)
    const derived = derivedCache.get(name)
    if (derived !== undefined) return { kind: 'found', key: derived }
    return lookUp(owner, async (wrapped) => {
      const key = await deriveFromDataKey(ring, owner, { wrapped, purpose })
      derivedCache.set(name, key)
      return key
    })
  }

  /**
   * Reads a wrapped key from KV or the vault, and opens it.
   * @param keep gets a wrapped key that was not in KV
   */
  async function lookUp<Key>(
    owner: KeyOwner,
    open: (wrapped: string) => Promise<Key>,
    keep: (wrapped: string) => void = () => undefined,
  ): Promise<KeyLookup<Key>> {
    try {
      const cached = await openCached(owner, open)
      if (cached !== undefined) return { kind: 'found', key: cached }
      const stored = await keys.get(vaultPath(owner))
      if (stored === undefined) return { kind: 'destroyed' }
      const key = await open(stored.text)
      keep(stored.text)
      return { kind: 'found', key }
    } catch (error) {
      if (!(error instanceof MissingRootKeyError)) return { kind: 'unavailable' }
      log('error', 'root_key_missing', { version: error.version })
      return { kind: 'unavailable', missingRootKey: error.version }
    }
  }

  async function openCached<Key>(owner: KeyOwner, open: (wrapped: string) => Promise<Key>): Promise<Key | undefined> {
    try {
      const wrapped = await withTimeLimit(cache.get(cacheKey(owner)), CACHE_LIMIT_MS)
      return wrapped === null ? undefined : await open(wrapped)
    } catch {
      // Ignore a cache that fails, is slow or holds a corrupt value: the vault decides.
      return undefined
    }
  }

  function remember(owner: KeyOwner, wrapped: string): void {
    defer(cache.put(cacheKey(owner), wrapped, { expirationTtl: CACHED_KEY_SECONDS }).catch(() => undefined))
  }

  /** Creates the key. @returns null if the key exists already */
  async function createOnce(owner: KeyOwner): Promise<CryptoKey | null> {
    const raw = newDataKey()
    const [wrapped, key] = await Promise.all([wrapDataKey(ring, owner, raw), importAesKey(raw.slice())])
    raw.fill(0)
    if (!(await keys.create(vaultPath(owner), wrapped, ring.newest.version))) return null
    isolateCache.set(owner, key)
    remember(owner, wrapped)
    return key
  }

  return {
    find,
    findDerived,
    async create(userId) {
      const key = await createOnce(userId).catch(() => null)
      if (key === null) throw new AppError('unavailable')
      return key
    },
    async system(nowMs) {
      const owner = systemKeyOwner(nowMs)
      const existing = await find(owner)
      if (existing.kind !== 'destroyed') return existing
      try {
        const key = await createOnce(owner)
        return key === null ? await find(owner) : { kind: 'found', key }
      } catch {
        return { kind: 'unavailable' }
      }
    },
    async destroy(owners) {
      for (const owner of owners) {
        isolateCache.delete(owner)
        for (const purpose of derivedPurposes) derivedCache.delete(derivedName(owner, purpose))
      }
      try {
        await keys.delete(owners.map(vaultPath))
        await inChunks(owners, (owner) => limited(cache.delete(cacheKey(owner))))
      } catch {
        throw new AppError('unavailable')
      }
    },
    async forget(owners) {
      for (const owner of owners) isolateCache.delete(owner)
      await inChunks(owners, (owner) => limited(cache.delete(cacheKey(owner))))
    },
    async list(createdBeforeMs, cursor) {
      const page = await limited(vault.list({ prefix: KEYS_PREFIX, limit: 1000, ...(cursor && { cursor }) }))
      const old = page.objects.filter(({ uploaded }) => uploaded.getTime() < createdBeforeMs)
      const owners = old.map(({ key }) => key.slice(KEYS_PREFIX.length) as KeyOwner)
      return { owners, cursor: page.truncated ? page.cursor : undefined }
    },
  }
}
