import { type Period, periodOf } from '../core/period.ts'
import type { KeyRing, VersionKeys } from './key-ring.ts'
import { deriveP256KeyPair, type P256KeyPair } from './p256-key.ts'

export interface PublishedKey {
  readonly kty: 'EC'
  readonly crv: 'P-256'
  readonly x: string
  readonly y: string
  readonly kid: string
  readonly alg: 'ES256'
  readonly use: 'sig'
}

/** The ES256 keys of access tokens, one a month and root key version, derived when first asked for. */
export interface SigningKeys {
  /** Key that signs at this moment. */
  current(nowMs: number): Promise<P256KeyPair & { readonly kid: string }>
  /** Key for a `kid` of the previous, the current or the next month; undefined for any other. */
  find(kid: string, nowMs: number): Promise<CryptoKey | undefined>
  /** What `/.well-known/jwks.json` publishes: three months of every root key version. */
  published(nowMs: number): Promise<PublishedKey[]>
}

/** Keys are kept per isolate once derived: CryptoKeys, never promises, which must not outlive their request. */
export function createSigningKeys(ring: KeyRing): SigningKeys {
  const derived = new Map<string, P256KeyPair>()

  async function pair(keys: VersionKeys, period: Period): Promise<P256KeyPair> {
    const kid = kidOf(keys, period)
    const known = derived.get(kid)
    if (known !== undefined) return known
    const fresh = await deriveP256KeyPair(keys.root, `jwt/${period}`)
    derived.set(kid, fresh)
    return fresh
  }

  return {
    async current(nowMs) {
      const period = periodOf(nowMs)
      return { ...(await pair(ring.newest, period)), kid: kidOf(ring.newest, period) }
    },
    async find(kid, nowMs) {
      for (const keys of ring.all) {
        const period = publishedPeriods(nowMs).find((candidate) => kidOf(keys, candidate) === kid)
        if (period !== undefined) return (await pair(keys, period)).publicKey
      }
      return undefined
    },
    published(nowMs) {
      const wanted = ring.all.flatMap((keys) => publishedPeriods(nowMs).map((period) => ({ keys, period })))
      return Promise.all(
        wanted.map(async ({ keys, period }) => {
          const { publicJwk } = await pair(keys, period)
          return { ...publicJwk, kid: kidOf(keys, period), alg: 'ES256', use: 'sig' } as const
        }),
      )
    },
  }
}

const kidOf = (keys: VersionKeys, period: Period): string => `${keys.version}.${period}`

function publishedPeriods(nowMs: number): Period[] {
  const now = new Date(nowMs)
  return [-1, 0, 1].map((offset) => periodOf(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + offset, 1)))
}
