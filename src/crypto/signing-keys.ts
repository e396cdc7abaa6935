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
 * The ES256 keys of access tokens, one a month and trusted root key version, derived when first asked for.
 */
export interface SigningKeys {
  /** Key that signs at this moment. */
  current(nowMs: number): Promise<P256KeyPair & { readonly kid: string }>
  /** Key for a `kid` of the previous, the current or the next month; undefined for any other. */
  find(kid: string, nowMs: number): Promise<CryptoKey | undefined>
  /** What `/.well-known/jwks.json` publishes: three months of every trusted root key version. */
  published(nowMs: number): Promise<PublishedKey[]>
}

/**
 * Keys are kept per isolate once derived: CryptoKeys, never promises, which must not outlive their request.
 * @param revoked `kid`s that are neither published nor accepted; another key takes the place of each
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
  /** `<root key version>.<yyyy-mm>`, and `.2`, `.3` and so on for what replaces a revoked one. */
  readonly kid: string
  /** What it is derived for. */
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
