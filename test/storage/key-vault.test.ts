import { env } from 'cloudflare:workers'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { AppError } from '../../src/core/errors.ts'
import { together } from '../../src/core/for-all.ts'
import { newUserId, type UserId } from '../../src/core/ids.ts'
import type { DataKeyLookup } from '../../src/core/ports.ts'
import { decryptField, encryptField } from '../../src/crypto/field-cipher.ts'
import type { KeyRing } from '../../src/crypto/key-ring.ts'
import { createKeyRotation } from '../../src/storage/key-rotation.ts'
import { createKeyVault, type DataKeyCache, type DerivedKeyCache } from '../../src/storage/key-vault.ts'
import { LruMap } from '../../src/storage/lru.ts'
import { ringOf } from '../support/keys.ts'

const vaultPath = (owner: string): string => `keys/${owner}`

const NOW = Date.UTC(2026, 0, 15)
const PLACE = { table: 'users', column: 'email_enc', owner: 'anyone', row: 'row' }

interface Stores {
  readonly vault?: R2Bucket
  readonly cache?: KVNamespace
  readonly isolateCache?: DataKeyCache
  readonly derivedCache?: DerivedKeyCache
  readonly ring?: KeyRing
}

let ring: KeyRing
let deferred: Promise<unknown>[]
let userId: UserId

beforeAll(async () => {
  ring = await ringOf(1)
})
beforeEach(() => {
  deferred = []
  userId = newUserId()
})
afterEach(() => {
  vi.useRealTimers()
})

/** A vault in an isolate that has just started. */
const openVault = (stores: Stores = {}) =>
  createKeyVault({
    vault: env.VAULT,
    cache: env.KEY_CACHE,
    isolateCache: new LruMap(10, 60_000),
    derivedCache: new LruMap(10, 60_000),
    ring,
    defer: (work) => deferred.push(work),
    ...stores,
  })

/** Creates the user's key. Afterwards it is stored in R2 and in KV. */
async function createKey(): Promise<CryptoKey> {
  const key = await openVault().create(userId)
  await Promise.all(deferred)
  return key
}

async function opensWhatWasSealedBy(key: CryptoKey, lookup: DataKeyLookup): Promise<boolean> {
  if (lookup.kind !== 'found') return false
  return (await decryptField(lookup.key, PLACE, await encryptField(key, PLACE, 'text'))) === 'text'
}

const fails = () => Promise.reject(new Error('down'))
const hangs = () => new Promise<never>(() => undefined)
const kvThat = (answer: () => Promise<unknown>) =>
  ({ get: answer, put: answer, delete: answer }) as unknown as KVNamespace
const bucketThat = (answer: () => Promise<unknown>) =>
  ({ get: answer, put: answer, delete: answer }) as unknown as R2Bucket
const missing = kvThat(() => Promise.resolve(null))

describe('a lookup', () => {
  it('finds a key that another isolate has created', async () => {
    const key = await createKey()
    expect(await opensWhatWasSealedBy(key, await openVault().find(userId))).toBe(true)
  })

  it('returns destroyed if the vault has no key, and unavailable if no store answers', async () => {
    expect(await openVault().find(userId)).toEqual({ kind: 'destroyed' })
    expect(await openVault({ vault: bucketThat(fails) }).find(userId)).toEqual({ kind: 'unavailable' })
  })

  it('uses KV while R2 is down (H6)', async () => {
    const key = await createKey()
    expect(await opensWhatWasSealedBy(key, await openVault({ vault: bucketThat(fails) }).find(userId))).toBe(true)
  })

  it('uses the cache of the isolate without calling any store', async () => {
    await createKey()
    const isolateCache = new LruMap<CryptoKey>(10, 60_000)
    await openVault({ isolateCache }).find(userId)
    const offline = openVault({ isolateCache, vault: bucketThat(fails), cache: kvThat(fails) })
    expect((await offline.find(userId)).kind).toBe('found')
  })

  it('falls back to R2 when KV is down (H6)', async () => {
    const key = await createKey()
    expect(await opensWhatWasSealedBy(key, await openVault({ cache: kvThat(fails) }).find(userId))).toBe(true)
  })

  it('falls back to R2 when KV does not answer within half a second (H6)', async () => {
    await createKey()
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const found = openVault({ cache: kvThat(hangs) }).find(userId)
    await vi.advanceTimersByTimeAsync(500)
    expect((await found).kind).toBe('found')
  })

  it.each(['', 'garbage', '1.AAAA.AAAA', 'A.B.C'])(
    'falls back to R2 if KV contains %j, and repairs KV',
    async (spoiled) => {
      const key = await createKey()
      await env.KEY_CACHE.put(`dek:${userId}`, spoiled)
      expect(await opensWhatWasSealedBy(key, await openVault().find(userId))).toBe(true)
      await Promise.all(deferred)
      expect((await openVault({ vault: bucketThat(fails) }).find(userId)).kind).toBe('found')
    },
  )

  it('rejects another user’s wrapped key in KV or R2 (D2)', async () => {
    await createKey()
    const wrapped = (await env.KEY_CACHE.get(`dek:${userId}`)) ?? ''
    const other = newUserId()
    await env.KEY_CACHE.put(`dek:${other}`, wrapped)
    expect(await openVault().find(other)).toEqual({ kind: 'destroyed' })
    await env.VAULT.put(vaultPath(other), wrapped)
    expect(await openVault().find(other)).toEqual({ kind: 'unavailable' })
  })

  it('returns unavailable, not destroyed, for a corrupt key and for one whose root key is missing (D4)', async () => {
    await createKey()
    expect(await openVault({ ring: await ringOf(2) }).find(userId)).toEqual({ kind: 'unavailable', missingRootKey: 1 })
    await env.VAULT.put(vaultPath(userId), 'garbage')
    expect(await openVault({ cache: missing }).find(userId)).toEqual({ kind: 'unavailable' })
  })

  it('reads keys of an old root key version (D4)', async () => {
    await createKey()
    expect((await openVault({ ring: await ringOf(2, 1) }).find(userId)).kind).toBe('found')
  })

  it.each([
    ['answer', bucketThat(hangs)],
    ['finish its answer', bucketThat(() => Promise.resolve({ text: hangs }))],
  ])('returns unavailable after three seconds if R2 does not %s (H6)', async (_, vault) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const found = openVault({ vault, cache: missing }).find(userId)
    await vi.advanceTimersByTimeAsync(3000)
    expect(await found).toEqual({ kind: 'unavailable' })
  })
})

describe('a key that is derived from a data key', () => {
  const derived = (stores: Stores = {}) => openVault(stores).findDerived(userId, 'pseudonym')

  it('is the same in every isolate, from KV and from R2, and differs from person to person (K27)', async () => {
    await createKey()
    const found = await derived()
    expect(found).toEqual({ kind: 'found', key: expect.any(Uint8Array) })
    expect(await derived({ vault: bucketThat(fails) })).toEqual(found)
    expect(await derived({ cache: kvThat(fails) })).toEqual(found)
    userId = newUserId()
    await openVault().create(userId)
    expect(await derived()).not.toEqual(found)
  })

  it('stays the same through a rotation of the root key (K27)', async () => {
    await createKey()
    const before = await derived()
    const both = await ringOf(2, 1)
    const rotation = createKeyRotation({ vault: env.VAULT, cache: env.KEY_CACHE, ring: both })
    const { counts } = await rotation.rewrapPage(undefined, 10, together)
    expect(counts).toMatchObject({ rewrapped: 1 })
    expect(await derived({ ring: await ringOf(2) })).toEqual(before)
  })

  it('calls no store when this isolate has derived it before, and writes nothing to KV', async () => {
    await createKey()
    await env.KEY_CACHE.delete(`dek:${userId}`)
    const derivedCache: DerivedKeyCache = new LruMap(10, 60_000)
    const found = await derived({ derivedCache })
    await Promise.all(deferred)
    expect(await env.KEY_CACHE.get(`dek:${userId}`)).toBeNull()
    expect(await derived({ derivedCache, vault: bucketThat(fails), cache: kvThat(fails) })).toEqual(found)
  })

  it('is gone with the data key, from this isolate too (K27)', async () => {
    const derivedCache: DerivedKeyCache = new LruMap(10, 60_000)
    await createKey()
    await derived({ derivedCache })
    await openVault({ derivedCache }).destroy([userId])
    expect(await derived({ derivedCache })).toEqual({ kind: 'destroyed' })
  })

  it('is unavailable, not destroyed, while no store answers, and for a root key that is missing (D4, K27)', async () => {
    await createKey()
    expect(await derived({ vault: bucketThat(fails), cache: kvThat(fails) })).toEqual({ kind: 'unavailable' })
    expect(await derived({ ring: await ringOf(2) })).toEqual({ kind: 'unavailable', missingRootKey: 1 })
    await env.VAULT.put(vaultPath(userId), 'garbage')
    expect(await derived({ cache: missing })).toEqual({ kind: 'unavailable' })
  })
})

describe('creating a key', () => {
  it('stores only the wrapped key in R2 and KV (D1)', async () => {
    await createKey()
    const stored = await (await env.VAULT.get(vaultPath(userId)))?.text()
    expect(stored).toMatch(/^1\.[\w-]{16}\.[\w-]{64}$/)
    expect(await env.KEY_CACHE.get(`dek:${userId}`)).toBe(stored)
  })

  it('refuses to create a second key and keeps the first', async () => {
    const key = await createKey()
    await expect(openVault().create(userId)).rejects.toThrow(new AppError('unavailable'))
    expect(await opensWhatWasSealedBy(key, await openVault({ cache: missing }).find(userId))).toBe(true)
  })

  it('succeeds for only one of 16 at once', async () => {
    const results = await Promise.allSettled(Array.from({ length: 16 }, () => openVault().create(userId)))
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  it('does not need KV (H6)', async () => {
    await expect(openVault({ cache: kvThat(fails) }).create(userId)).resolves.toBeDefined()
    await expect(Promise.all(deferred)).resolves.toBeDefined()
  })

  it('fails as unavailable if R2 fails, without the cause (H3)', async () => {
    await expect(openVault({ vault: bucketThat(fails) }).create(userId)).rejects.toThrow(new AppError('unavailable'))
  })

  it('fails as unavailable after three seconds if R2 does not answer (H6)', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const created = expect(openVault({ vault: bucketThat(hangs) }).create(userId)).rejects.toThrow('unavailable')
    await vi.advanceTimersByTimeAsync(3000)
    await created
  })
})

describe('the system key', () => {
  it('is created once for 16 requests at once', async () => {
    const lookups = await Promise.all(Array.from({ length: 16 }, () => openVault().system(NOW)))
    const [first] = lookups
    if (first?.kind !== 'found') throw new Error('no key')
    for (const lookup of lookups) expect(await opensWhatWasSealedBy(first.key, lookup)).toBe(true)
    expect((await env.VAULT.list({ prefix: 'keys/system/' })).objects.map(({ key }) => key)).toEqual([
      'keys/system/2026-01',
    ])
  })

  it('is a different one each month', async () => {
    const [january, february] = [await openVault().system(NOW), await openVault().system(Date.UTC(2026, 1, 1))]
    if (january.kind !== 'found' || february.kind !== 'found') throw new Error('no key')
    await expect(opensWhatWasSealedBy(january.key, february)).rejects.toThrow()
  })

  it('is unavailable, and not replaced, while the vault is down (H6)', async () => {
    await openVault().system(NOW)
    expect(await openVault({ vault: bucketThat(fails), cache: missing }).system(NOW)).toEqual({ kind: 'unavailable' })
  })
})

describe('destroying a key', () => {
  it('removes it from the vault, from KV and from this isolate, and may be repeated (D6)', async () => {
    const isolateCache = new LruMap<CryptoKey>(10, 60_000)
    await createKey()
    await openVault({ isolateCache }).find(userId)
    await openVault({ isolateCache }).destroy([userId])
    expect(await env.VAULT.get(vaultPath(userId))).toBeNull()
    expect(await env.KEY_CACHE.get(`dek:${userId}`)).toBeNull()
    expect(await openVault({ isolateCache }).find(userId)).toEqual({ kind: 'destroyed' })
    await expect(openVault().destroy([userId])).resolves.toBeUndefined()
  })

  it('removes the key of a user who is not in the database', async () => {
    await env.VAULT.put(vaultPath(userId), 'garbage')
    await openVault().destroy([userId])
    expect(await openVault().find(userId)).toEqual({ kind: 'destroyed' })
  })

  it('leaves the keys of other users', async () => {
    await createKey()
    await openVault().destroy([newUserId()])
    expect((await openVault({ cache: missing }).find(userId)).kind).toBe('found')
  })

  it.each([
    ['R2', { vault: bucketThat(fails) }],
    ['KV', { cache: kvThat(fails) }],
  ])('fails as unavailable if %s fails, so that a later run repeats it (D6)', async (_, stores) => {
    await createKey()
    await expect(openVault(stores).destroy([userId])).rejects.toThrow(new AppError('unavailable'))
    await openVault().destroy([userId])
    expect(await openVault().find(userId)).toEqual({ kind: 'destroyed' })
  })
})
