import { hkdfSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { deriveBytes, deriveKeyRing, type VersionKeys } from '../../src/crypto/key-ring.ts'
import { ringOf, secretOf } from '../support/keys.ts'

const HMAC_KEYS = ['emailIndex', 'emailDomainIndex', 'attemptIndex', 'deviceIndex', 'token'] as const
const MESSAGE = new TextEncoder().encode('message')

const hex = (bytes: ArrayBuffer | Uint8Array) => Buffer.from(bytes as Uint8Array).toString('hex')
const fromHex = (text: string) => new Uint8Array(Buffer.from(text, 'hex'))

/** The output of a key as text. Two keys are equal if their outputs are. */
async function fingerprints(keys: VersionKeys): Promise<string[]> {
  const macs = HMAC_KEYS.map((name) => crypto.subtle.sign('HMAC', keys[name], MESSAGE))
  const sealed = crypto.subtle.encrypt({ name: 'AES-GCM', iv: new Uint8Array(12) }, keys.kek, MESSAGE)
  return (await Promise.all([...macs, sealed, deriveBytes(keys.root, 'jwt/2026-01', 32)]))
    .map(hex)
    .concat(hex(keys.pepper))
}

describe('the key ring', () => {
  it('derives the same as an independent HKDF-SHA-256 (RFC 5869)', async () => {
    const { newest } = await ringOf(1)
    for (const [purpose, length] of [
      ['pepper', 32],
      ['jwt/2026-01', 48],
      ['', 1],
    ] as const) {
      const expected = hkdfSync('sha256', secretOf(1), new Uint8Array(0), `latchkey/${purpose}/v1`, length)
      expect(hex(await deriveBytes(newest.root, purpose, length))).toBe(hex(expected))
    }
    expect(hex(newest.pepper)).toBe(hex(await deriveBytes(newest.root, 'pepper', 32)))
  })

  it('is compared with an oracle that passes RFC 5869 test case 3, which has no salt', () => {
    const expected = '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8'
    const derived = hkdfSync('sha256', new Uint8Array(22).fill(0x0b), new Uint8Array(0), '', 42)
    expect(hex(derived)).toBe(expected)
  })

  it.each([
    ['emailIndex', 'email-index'],
    ['emailDomainIndex', 'email-domain-index'],
    ['attemptIndex', 'attempt-index'],
    ['deviceIndex', 'device-index'],
    ['token', 'token'],
  ] as const)('derives %s for its own purpose', async (name, purpose) => {
    const { newest } = await ringOf(1)
    const raw = new Uint8Array(hkdfSync('sha256', secretOf(1), '', `latchkey/${purpose}/v1`, 32))
    const own = await crypto.subtle.importKey('raw', raw, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
    expect(hex(await crypto.subtle.sign('HMAC', newest[name], MESSAGE))).toBe(
      hex(await crypto.subtle.sign('HMAC', own, MESSAGE)),
    )
  })

  it('has no two equal keys among all purposes and versions (D3)', async () => {
    const { all } = await ringOf(3, 2, 1)
    const seen = (await Promise.all(all.map(fingerprints))).flat()
    expect(new Set(seen).size).toBe(3 * 8)
  })

  it('derives the same keys in every isolate and for every version number', async () => {
    const [a, b] = await Promise.all([ringOf(1), deriveKeyRing([{ version: 9, secret: secretOf(1) }])])
    expect(await fingerprints(a.newest)).toEqual(await fingerprints(b.newest))
  })

  it('changes every key when one bit of the root key changes', async () => {
    const secret = secretOf(1)
    const flipped = Uint8Array.from(secret)
    flipped[31] = (flipped[31] ?? 0) ^ 1
    const [a, b] = await Promise.all([
      deriveKeyRing([{ version: 1, secret }]).then(({ newest }) => fingerprints(newest)),
      deriveKeyRing([{ version: 1, secret: flipped }]).then(({ newest }) => fingerprints(newest)),
    ])
    expect(a.filter((print) => b.includes(print))).toEqual([])
  })

  it('encrypts with the first given version and keeps the order of the others', async () => {
    const ring = await ringOf(3, 1, 2)
    expect(ring.newest.version).toBe(3)
    expect(ring.all.map(({ version }) => version)).toEqual([3, 1, 2])
  })

  it('allows no key to be exported except the pepper', async () => {
    const { newest } = await ringOf(1)
    for (const name of [...HMAC_KEYS, 'kek', 'root'] as const) {
      expect(newest[name].extractable).toBe(false)
      await expect(crypto.subtle.exportKey('raw', newest[name])).rejects.toThrow()
    }
  })

  it('requires a root key', async () => {
    await expect(deriveKeyRing([])).rejects.toThrow(RangeError)
  })

  it('accepts any 32 bytes, including zeros: the settings are where weak ones are refused', async () => {
    const { newest } = await deriveKeyRing([{ version: 1, secret: fromHex('00'.repeat(32)) }])
    expect(newest.pepper).toHaveLength(32)
  })

  it('distinguishes two secrets of one version by a fingerprint that reveals nothing else (D4)', async () => {
    const fingerprintOf = async (version: number, seed: number) =>
      (await deriveKeyRing([{ version, secret: secretOf(seed) }])).newest.fingerprint
    expect(await fingerprintOf(1, 1)).toMatch(/^[\w-]{22}$/)
    expect(await fingerprintOf(1, 1)).toBe(await fingerprintOf(1, 1))
    const others = [await fingerprintOf(1, 1), await fingerprintOf(1, 2), await fingerprintOf(2, 1)]
    expect(new Set(others).size).toBe(3)
  })

  it('trusts every version except the distrusted ones, and decrypts with all (D4)', async () => {
    const ring = await deriveKeyRing(
      [2, 1].map((version) => ({ version, secret: secretOf(version) })),
      [{ version: 1 }, { version: 7, sequence: 3 }],
    )
    expect(ring.all.map(({ version }) => version)).toEqual([2, 1])
    expect(ring.trusted.map(({ version }) => version)).toEqual([2])
  })
})
