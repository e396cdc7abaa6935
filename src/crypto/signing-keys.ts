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

/**
 * The ES256 signing keys of access tokens: one for each month and trusted root key version, derived on first
 * use.
 */
export interface SigningKeys {
  /** Returns the key that signs at this time. */
  current(nowMs: number): Promise<P256KeyPair & { readonly kid: string }>
  /**
   * Returns the key with a `kid` of the previous, the current or the next month; undefined for any other
   * `kid`.
   */
  find(kid: string, nowMs: number): Promise<CryptoKey | undefined>
  /**
   * Returns the keys for `/.well-known/jwks.json`: those of three months for every trusted root key version.
   */
  published(nowMs: number): Promise<PublishedKey[]>
}

/**
 * Keeps derived keys for the lifetime of the isolate. It keeps CryptoKeys and never promises, because a
 * promise must not be awaited by another request than the one that created it.
 * @param revoked `kid`s that are neither published nor accepted; another key replaces each of them
 */
export function createSigningKeys({ newest, trusted }: KeyRing, revoked: readonly string[] = []): SigningKeys {
  const derived = new Map<string, P256KeyPair>()

  async function pair({ root }: VersionKeys, { kid, purpose }: KeyName): Promise<P256KeyPair> {
    const known = derived.get(kid)
    if (known !== undefined) return known
    const fresh = await deriveP256KeyPair(root, purpose)
    derived.set(kid, fresh)
    return fresh
  }

  let names: { readonly month: number; readonly all: readonly PublishedName[] } | undefined
  function namesAt(nowMs: number): readonly PublishedName[] {
    const now = new Date(nowMs)
    const month = now.getUTCFullYear() * 12 + now.getUTCMonth()
    if (names?.month !== month) {
      const periods = publishedPeriods(now)
      const all = trusted.flatMap((keys) => periods.map((period) => ({ keys, name: nameOf(keys, period, revoked) })))
      names = { month, all }
    }
    return names.all
  }

  return {
    async current(nowMs) {
      const name = nameOf(newest, periodOf(nowMs), revoked)
      return { ...(await pair(newest, name)), kid: name.kid }
    },
    async find(kid, nowMs) {
      const found = namesAt(nowMs).find(({ name }) => name.kid === kid)
      return found && (await pair(found.keys, found.name)).publicKey
    },
    published(nowMs) {
      return Promise.all(
        namesAt(nowMs).map(async ({ keys, name }) => {
          const { publicJwk } = await pair(keys, name)
          return { ...publicJwk, kid: name.kid, alg: 'ES256', use: 'sig' } as const
        }),
      )
    },
  }
}

interface KeyName {
  /**
   * `<root key version>.<yyyy-mm>`, followed by `.2`, `.3` and so on for a key that replaces a revoked one.
   */
  readonly kid: string
  /** The HKDF purpose. */
  readonly purpose: string
}

interface PublishedName {
  readonly keys: VersionKeys
  readonly name: KeyName
}

function nameOf({ version }: VersionKeys, period: Period, revoked: readonly string[]): KeyName {
  const first = { kid: `${version}.${period}`, purpose: `jwt/${period}` }
  let name = first
  for (let attempt = 2; revoked.includes(name.kid); attempt++)
    name = { kid: `${first.kid}.${attempt}`, purpose: `${first.purpose}/${attempt}` }
  return name
}

function publishedPeriods(now: Date): Period[] {
  return [-1, 0, 1].map((offset) => periodOf(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + offset, 1)))
}
