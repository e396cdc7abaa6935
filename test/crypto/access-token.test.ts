import { exportSPKI, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import { afterEach, beforeAll, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest'
import type { SessionId, UserId } from '../../src/core/ids.ts'
import { signAccessToken, type TokenAuthority, verifyAccessToken } from '../../src/crypto/access-token.ts'
import { toBase64url, utf8 } from '../../src/crypto/encoding.ts'
import type { KeyRing } from '../../src/crypto/key-ring.ts'
import { mintRefreshToken } from '../../src/crypto/refresh-token.ts'
import { createSigningKeys } from '../../src/crypto/signing-keys.ts'
import { ringOf } from '../support/keys.ts'
import { mutations } from '../support/mutations.ts'

const NOW = Date.UTC(2026, 0, 15, 12)
const NOW_SECONDS = NOW / 1000
const PRINCIPAL = {
  userId: '4f8c1f6e-0f5b-4a52-9d53-0b1d7c5a9e01' as UserId,
  sessionId: '4f8c1f6e-0f5b-4a52-9d53-0b1d7c5a9e02' as SessionId,
  roles: ['admin'],
  amr: ['pwd'],
  authTimeMs: NOW - 5000,
}
const CLAIMS = {
  iss: 'https://latchkey.test',
  aud: 'latchkey',
  sub: PRINCIPAL.userId,
  sid: PRINCIPAL.sessionId,
  jti: '4f8c1f6e-0f5b-4a52-9d53-0b1d7c5a9e03',
  iat: NOW_SECONDS,
  exp: NOW_SECONDS + 900,
  auth_time: NOW_SECONDS - 5,
  amr: ['pwd'],
  roles: ['admin'],
}
const HEADER = { alg: 'ES256', typ: 'at+jwt', kid: '1.2026-01' }

let ring: KeyRing
let authority: TokenAuthority
let ownKey: CryptoKey

beforeAll(async () => {
  ring = await ringOf(1)
  authority = authorityOf(ring)
  ownKey = (await authority.keys.current(NOW)).privateKey
})

const authorityOf = (keyRing: KeyRing): TokenAuthority => ({
  keys: createSigningKeys(keyRing),
  issuer: CLAIMS.iss,
  audience: CLAIMS.aud,
  checked: new Map(),
})

const verify = (token: string, nowMs = NOW) => verifyAccessToken(authority, token, nowMs)

/** A token signed with our own key, with claims or a header that the service would not write. */
const forge = (claims: JWTPayload = {}, header: Record<string, unknown> = {}, key: CryptoKey | Uint8Array = ownKey) =>
  new SignJWT({ ...CLAIMS, ...claims }).setProtectedHeader({ ...HEADER, ...header }).sign(key)

const encode = (value: unknown) => toBase64url(utf8(JSON.stringify(value)))

describe('an access token', () => {
  it('is read with the claims it was signed with', async () => {
    expect(await verify(await signAccessToken(authority, PRINCIPAL, NOW, 900))).toEqual(PRINCIPAL)
  })

  it('M14 of version 0.2.0, which has no `acr`, is read as before', async () => {
    expect(CLAIMS).not.toHaveProperty('acr')
    expect(await verify(await forge())).toEqual(PRINCIPAL)
    expect(await verify(await forge({ acr: 'phr' }))).toEqual(PRINCIPAL)
  })

  it('has the header and the claims of RFC 9068, and an id of its own (J3)', async () => {
    const [first, second] = await Promise.all([0, 1].map(() => signAccessToken(authority, PRINCIPAL, NOW, 900)))
    const [header, payload] = (first ?? '').split('.').map((part) => Buffer.from(part, 'base64url').toString())
    expect(JSON.parse(header ?? '')).toEqual(HEADER)
    expect(JSON.parse(payload ?? '')).toEqual({ ...CLAIMS, acr: 'aal1', jti: expect.stringMatching(/^[0-9a-f-]{36}$/) })
    expect(first?.split('.')[1]).not.toBe(second?.split('.')[1])
  })

  it('is refused after each of 3,000 mutations, and with any character of a segment changed (J1)', async () => {
    const token = await signAccessToken(authority, PRINCIPAL, NOW, 900)
    const [header = '', payload = '', signature = ''] = token.split('.')
    const accepted: string[] = []
    const mutants = [
      ...mutations(token, 3000),
      ...mutations(header, 200).map((text) => `${text}.${payload}.${signature}`),
      ...mutations(payload, 200).map((text) => `${header}.${text}.${signature}`),
      ...mutations(signature, 1000).map((text) => `${header}.${payload}.${text}`),
    ]
    for (const mutant of mutants) if ((await verify(mutant)) !== undefined) accepted.push(mutant.slice(-90))
    expect(accepted).toEqual([])
  })

  it('is refused when it is another text or kind of token (J3)', async () => {
    const refresh = await mintRefreshToken(ring, { sessionId: PRINCIPAL.sessionId, generation: 0 })
    for (const text of ['', '.', '..', '...', 'a.b.c', '{}', refresh, '\0', 'é.é.é', `${encode(HEADER)}..`]) {
      expect(await verify(text)).toBeUndefined()
    }
  })

  it('of an old root key version is accepted during a rotation and not after it (D4)', async () => {
    const token = await signAccessToken(authority, PRINCIPAL, NOW, 900)
    expect(await verifyAccessToken(authorityOf(await ringOf(2, 1)), token, NOW)).toEqual(PRINCIPAL)
    expect(await verifyAccessToken(authorityOf(await ringOf(2)), token, NOW)).toBeUndefined()
  })

  it('signed in the last second of a month is accepted in the next', async () => {
    const end = Date.UTC(2026, 1, 1) - 1000
    const token = await signAccessToken(authority, PRINCIPAL, end, 900)
    expect(await verify(token, end + 800_000)).toEqual(PRINCIPAL)
  })
})

describe('an access token that is sent again', () => {
  it('has its signature checked once', async () => {
    const token = await forge({ jti: 'again' })
    const verifying = vi.spyOn(crypto.subtle, 'verify')
    expect([await verify(token), await verify(token, NOW + 1000)]).toEqual([PRINCIPAL, PRINCIPAL])
    expect(verifying).toHaveBeenCalledOnce()
    verifying.mockRestore()
  })

  it('is refused once it has expired (J3)', async () => {
    const token = await forge({ jti: 'ageing' })
    expect(await verify(token)).toEqual(PRINCIPAL)
    expect(await verify(token, NOW + 959_000)).toEqual(PRINCIPAL)
    expect(await verify(token, NOW + 960_000)).toBeUndefined()
  })

  it('is refused once its key is no longer accepted, even if it has not expired (J2)', async () => {
    const token = await forge({ exp: NOW_SECONDS + 90 * 86_400 })
    expect(await verify(token)).toEqual(PRINCIPAL)
    expect(await verify(token, NOW + 60 * 86_400_000)).toBeUndefined()
  })

  it('is not cached when it was refused', async () => {
    const token = await forge({ aud: 'other' })
    await verify(token)
    expect(authority.checked.get(token)).toBeUndefined()
  })
})

describe('the algorithm of an access token (J1)', () => {
  it.each(['none', 'None', 'NONE', 'nOnE', ''])('is not %j', async (alg) => {
    const unsigned = `${encode({ ...HEADER, alg })}.${encode(CLAIMS)}.`
    const [, , signature] = (await forge()).split('.')
    expect(await verify(unsigned)).toBeUndefined()
    expect(await verify(unsigned + signature)).toBeUndefined()
  })

  it('is not HS256 with the public key as the secret, in any of its encodings', async () => {
    const [published] = (await authority.keys.published(NOW)).filter(({ kid }) => kid === HEADER.kid)
    const publicKey = await authority.keys.find(HEADER.kid, NOW)
    if (published === undefined || publicKey === undefined) throw new Error('no key')
    const { kty, crv, x, y } = published
    const pem = await exportSPKI(publicKey)
    const raw = new Uint8Array((await crypto.subtle.exportKey('raw', publicKey)) as ArrayBuffer)
    const spellings = [pem, pem.trim(), JSON.stringify(published), JSON.stringify({ kty, crv, x, y }), x, y].map(utf8)
    for (const secret of [...spellings, raw, raw.slice(1)]) {
      for (const alg of ['HS256', 'HS384', 'HS512']) {
        expect(await verify(await hmacToken(alg, secret))).toBeUndefined()
      }
    }
  })

  it.each([
    ['ES384', 'ES384'],
    ['RS256', 'RS256'],
    ['PS256', 'PS256'],
    ['EdDSA', 'EdDSA'],
  ])('is not %s with a key of the attacker, even if the header says ES256', async (_, alg) => {
    const { privateKey } = await generateKeyPair(alg, alg === 'EdDSA' ? { crv: 'Ed25519' } : {})
    const token = await forge({}, { alg }, privateKey)
    expect(await verify(token)).toBeUndefined()
    const [, payload, signature] = token.split('.')
    expect(await verify(`${encode(HEADER)}.${payload}.${signature}`)).toBeUndefined()
  })

  it('is not changed by a critical extension', async () => {
    const [, payload, signature] = (await forge()).split('.')
    for (const extra of [{ crit: ['b64'], b64: false }, { crit: ['x'], x: 1 }, { crit: [] }]) {
      expect(await verify(`${encode({ ...HEADER, ...extra })}.${payload}.${signature}`)).toBeUndefined()
    }
  })
})

async function hmacToken(alg: string, secret: Uint8Array<ArrayBuffer>): Promise<string> {
  const algorithm = { name: 'HMAC', hash: `SHA-${alg.slice(2)}` }
  const key = await crypto.subtle.importKey('raw', secret, algorithm, false, ['sign'])
  const signed = `${encode({ ...HEADER, alg })}.${encode(CLAIMS)}`
  return `${signed}.${toBase64url(new Uint8Array(await crypto.subtle.sign('HMAC', key, utf8(signed))))}`
}

describe('the key of an access token (J2)', () => {
  let attacker: CryptoKeyPair
  let fetched: MockInstance<typeof fetch>

  beforeEach(async () => {
    attacker = await generateKeyPair('ES256', { extractable: true })
    fetched = vi.spyOn(globalThis, 'fetch')
  })

  afterEach(() => fetched.mockRestore())

  it('is not the attacker’s own', async () => {
    expect(await verify(await forge({}, {}, attacker.privateKey))).toBeUndefined()
  })

  it('is not taken from jwk, jku, x5u or x5c in the header, and nothing is fetched', async () => {
    const jwk = await crypto.subtle.exportKey('jwk', attacker.publicKey)
    const hints = [
      { jwk },
      { jku: 'https://evil.test/jwks.json' },
      { x5u: 'https://evil.test/cert.pem' },
      { x5c: ['MIIB'] },
      { jwk, kid: undefined },
      { jku: 'https://evil.test/jwks.json', kid: 'evil' },
    ]
    for (const hint of hints) expect(await verify(await forge({}, hint, attacker.privateKey))).toBeUndefined()
    expect(fetched).not.toHaveBeenCalled()
  })

  it('remains ours when the header refers to another', async () => {
    const jwk = await crypto.subtle.exportKey('jwk', attacker.publicKey)
    expect(await verify(await forge({}, { jwk, jku: 'https://evil.test' }))).toEqual(PRINCIPAL)
    expect(fetched).not.toHaveBeenCalled()
  })

  it.each([
    ['unknown', 'evil'],
    ['of another month', '1.2025-11'],
    ['of another version', '2.2026-01'],
    ['of the previous month, whose key did not sign', '1.2025-12'],
    ['a path', '../../../dev/null'],
    ['SQL', "1.2026-01' OR '1'='1"],
    ['__proto__', '__proto__'],
    ['empty', ''],
    ['missing', undefined],
    ['not a text', 1],
    ['a list', ['1.2026-01']],
  ])('is not found by a kid that is %s', async (_, kid) => {
    const token = await forge()
    const [, payload, signature] = token.split('.')
    expect(await verify(`${encode({ ...HEADER, kid })}.${payload}.${signature}`)).toBeUndefined()
    const header = encode({ ...HEADER, kid })
    const signed = utf8(`${header}.${payload}`)
    const fresh = new Uint8Array(await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, ownKey, signed))
    expect(await verify(`${header}.${payload}.${toBase64url(fresh)}`)).toBeUndefined()
  })
})

describe('the claims of an access token (J3)', () => {
  it.each(Object.keys(CLAIMS))('must include %s', async (claim) => {
    expect(await verify(await forge({ [claim]: undefined }))).toBeUndefined()
  })

  it.each([
    ['another issuer', { iss: 'https://evil.test' }],
    ['an issuer with a trailing slash', { iss: `${CLAIMS.iss}/` }],
    ['another audience', { aud: 'other' }],
    ['an empty list of audiences', { aud: [] }],
    ['a subject that is not a user id', { sub: 'admin' }],
    ['a session that is not a session id', { sid: '1' }],
    ['an empty id', { jti: '' }],
    ['roles that are not a list', { roles: 'admin' as never }],
    ['methods that are not a list', { amr: 'pwd' as never }],
    ['a sign-in time that is text', { auth_time: '1' }],
    ['an expiry that is text', { exp: String(CLAIMS.exp) as never }],
    ['an issue time that is text', { iat: String(CLAIMS.iat) as never }],
    ['a start far ahead', { nbf: NOW_SECONDS + 61 }],
  ])('are refused with %s', async (_, claims) => {
    expect(await verify(await forge(claims))).toBeUndefined()
  })

  it.each(['JWT', 'rt+jwt', 'at+jwt2', 'logout+jwt', '', undefined])('are refused with the type %j', async (typ) => {
    expect(await verify(await forge({}, { typ }))).toBeUndefined()
  })

  it.each([
    ['59 s after its expiry', { exp: NOW_SECONDS - 59 }, true],
    ['61 s after its expiry', { exp: NOW_SECONDS - 61 }, false],
    ['59 s before it was issued', { iat: NOW_SECONDS + 59 }, true],
    ['60 s before it was issued', { iat: NOW_SECONDS + 60 }, true],
    ['61 s before it was issued', { iat: NOW_SECONDS + 61 }, false],
    ['a day before it was issued', { iat: NOW_SECONDS + 86_400, exp: NOW_SECONDS + 87_000 }, false],
  ])('are checked with at most 60 s of clock skew: %s', async (_, claims, isAccepted) => {
    expect((await verify(await forge(claims))) !== undefined).toBe(isAccepted)
  })

  it('are not reported as invalid when it is the key that cannot be derived (H6)', async () => {
    const token = await forge({ jti: 'key trouble' })
    const keys = { ...authority.keys, find: () => Promise.reject(new TypeError('no key today')) }
    await expect(verifyAccessToken({ ...authority, keys }, token, NOW)).rejects.toThrow('no key today')
  })
})
