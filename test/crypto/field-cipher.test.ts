import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { fromBase64url, toBase64url } from '../../src/crypto/encoding.ts'
import { CiphertextError, decryptField, encryptField, type FieldPlace } from '../../src/crypto/field-cipher.ts'
import { importAesKey } from '../../src/crypto/key-ring.ts'
import { replaceAt, secretOf } from '../support/keys.ts'
import { encryptUnbound } from '../support/unbound.ts'

const ADA = '4f8c1f6e-0f5b-4a52-9d53-0b1d7c5a9e01'
const BOB = '4f8c1f6e-0f5b-4a52-9d53-0b1d7c5a9e02'
const PLACE: FieldPlace = { table: 'user_profiles', column: 'bio_enc', owner: ADA, row: 'row-1' }
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

const fromHex = (text: string) => new Uint8Array(Buffer.from(text, 'hex'))

let key: CryptoKey
let otherKey: CryptoKey

beforeAll(async () => {
  key = await importAesKey(secretOf(1))
  otherKey = await importAesKey(secretOf(2))
})

const opens = (stored: string, place = PLACE, with_ = key) =>
  decryptField(with_, place, stored).then(
    () => true,
    (error: unknown) => {
      if (error instanceof CiphertextError) return false
      throw error
    },
  )

describe('a field', () => {
  it('decrypts to the text that was encrypted, for any text and place (D2)', async () => {
    const places = fc.record({ table: fc.string(), column: fc.string(), owner: fc.uuid(), row: fc.string() })
    const texts = fc.string({ unit: 'binary', maxLength: 300 })
    await fc.assert(
      fc.asyncProperty(places, texts, async (place, text) => {
        expect(await decryptField(key, place, await encryptField(key, place, text))).toBe(text)
      }),
    )
  })

  it('decrypts 10,000 characters, a byte order mark and NUL', async () => {
    for (const text of ['x'.repeat(10_000), '\ufeffa', 'a\0b', '']) {
      expect(await decryptField(key, PLACE, await encryptField(key, PLACE, text))).toBe(text)
    }
  })

  it('hides its text, and is different for two writes of the same text (D1, D2)', async () => {
    const [first, second] = await Promise.all([encryptField(key, PLACE, 'canary'), encryptField(key, PLACE, 'canary')])
    expect(first).toMatch(/^v2\.[\w-]{16}\.[\w-]{30}$/)
    expect(first.split('.')[1]).not.toBe(second.split('.')[1])
    expect(first.split('.')[2]).not.toBe(second.split('.')[2])
    expect(Buffer.from(first.split('.')[2] ?? '', 'base64url').toString('latin1')).not.toContain('canary')
  })

  it.each([
    ['owner', { ...PLACE, owner: BOB }],
    ['column', { ...PLACE, column: 'full_name_enc' }],
    ['table', { ...PLACE, table: 'users' }],
    ['month of the system key', { ...PLACE, owner: 'system/2026-01' }],
    ['row', { ...PLACE, row: 'row-2' }],
    ['split of the same names', { ...PLACE, table: 'user_profiles|bio_enc', column: '' }],
  ])('does not open when moved to another %s (D2, K37)', async (_, place) => {
    expect(await opens(await encryptField(key, PLACE, 'text'), place)).toBe(false)
  })

  it('does not open under another key (D2)', async () => {
    expect(await opens(await encryptField(key, PLACE, 'text'), PLACE, otherKey)).toBe(false)
  })

  it('does not open when two rows are swapped, in whole or in part (D2)', async () => {
    const bobs = { ...PLACE, owner: BOB }
    const [, adaIv, adaSealed] = (await encryptField(key, PLACE, 'ada')).split('.')
    const [, bobIv, bobSealed] = (await encryptField(key, bobs, 'bob')).split('.')
    for (const [iv, sealed] of [
      [bobIv, bobSealed],
      [adaIv, bobSealed],
      [bobIv, adaSealed],
    ]) {
      expect(await opens(`v2.${iv}.${sealed}`)).toBe(false)
    }
  })

  it('does not open with any one character changed (D2)', async () => {
    const stored = await encryptField(key, PLACE, 'a text of some length')
    let opened = 0
    for (let index = 0; index < stored.length; index++) {
      for (const replacement of [...ALPHABET].filter((character) => character !== stored[index])) {
        if (await opens(replaceAt(stored, index, replacement))) opened++
      }
    }
    expect(opened).toBe(0)
  })

  it('does not open with any one bit flipped (D2)', async () => {
    const [, iv = '', sealed = ''] = (await encryptField(key, PLACE, 'text')).split('.')
    const bytes = new Uint8Array([...(fromBase64url(iv) ?? []), ...(fromBase64url(sealed) ?? [])])
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = bytes.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte))
      const stored = `v2.${toBase64url(flipped.subarray(0, 12))}.${toBase64url(flipped.subarray(12))}`
      expect(await opens(stored)).toBe(false)
    }
  })

  it('does not open when shortened, extended or of another format (D2)', async () => {
    const stored = await encryptField(key, PLACE, 'text')
    const [, iv, sealed] = stored.split('.')
    const cuts = Array.from({ length: stored.length }, (_, end) => stored.slice(0, end))
    const spoiled = [
      `${stored}.`,
      `${stored}A`,
      `${stored}=`,
      ` ${stored}`,
      `${stored}\n`,
      `v1.${iv}.${sealed}`,
      `v3.${iv}.${sealed}`,
    ]
    const shapes = [`v2.${iv}AA.${sealed}`, `v2..${sealed}`, `v2.${iv}.`, `v2.${iv}.é`, '..', 'text']
    for (const text of [...cuts, ...spoiled, ...shapes]) expect(await opens(text)).toBe(false)
  })

  it('does not open when its plaintext is not UTF-8', async () => {
    const iv = new Uint8Array(12)
    const additionalData = new TextEncoder().encode(`user_profiles|bio_enc|${ADA}|row-1`)
    const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData }, key, fromHex('ff'))
    expect(await opens(`v2.${toBase64url(iv)}.${toBase64url(new Uint8Array(sealed))}`)).toBe(false)
  })

  it('fails with an error that holds no part of the text', async () => {
    const attempt = decryptField(key, PLACE, 'v2.secret.secret')
    await expect(attempt).rejects.toThrow(new CiphertextError())
  })

  it('repeats no IV in 100,000 writes (D2)', async () => {
    const ivs = new Set<string>()
    for (let batch = 0; batch < 100; batch++) {
      const written = await Promise.all(Array.from({ length: 1000 }, () => encryptField(key, PLACE, '')))
      for (const stored of written) ivs.add(stored.slice(3, 19))
    }
    expect(ivs.size).toBe(100_000)
  }, 60_000)
})

describe('a field that version 0.2.0 wrote', () => {
  it('opens in any row of its owner, unless its place refuses it (K37)', async () => {
    const stored = await encryptUnbound(key, PLACE, 'text')
    expect(await decryptField(key, PLACE, stored)).toBe('text')
    expect(await opens(stored, { ...PLACE, row: 'row-2' })).toBe(true)
    expect(await opens(stored, { ...PLACE, unbound: 'refused' })).toBe(false)
    expect(await opens(stored, { ...PLACE, owner: BOB })).toBe(false)
  })

  it('opens at its former place, where a text of this version does not (K37)', async () => {
    const place: FieldPlace = { ...PLACE, table: 'oauth_flows', unbound: PLACE }
    expect(await opens(await encryptUnbound(key, PLACE, 'text'), place)).toBe(true)
    expect(await opens(await encryptField(key, PLACE, 'text'), place)).toBe(false)
  })

  it('does not open under the prefix of this version, nor the other way around (K37)', async () => {
    const [unbound, bound] = [await encryptUnbound(key, PLACE, 'text'), await encryptField(key, PLACE, 'text')]
    expect(await opens(unbound.replace('v1.', 'v2.'))).toBe(false)
    expect(await opens(bound.replace('v2.', 'v1.'))).toBe(false)
  })
})

describe('AES-256-GCM on the platform', () => {
  it('decrypts test case 16 of McGrew and Viega, with 128-bit tag and additional data (D2)', async () => {
    const gcmKey = await importAesKey(fromHex('feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308'))
    const iv = fromHex('cafebabefacedbaddecaf888')
    const additionalData = fromHex('feedfacedeadbeeffeedfacedeadbeefabaddad2')
    const plaintext =
      'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39'
    const ciphertext =
      '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662'
    const tag = '76fc6ece0f4e1768cddf8853bb2d551b'
    const opened = await crypto.subtle.decrypt(
      { name: 'AES-GCM', iv, additionalData },
      gcmKey,
      fromHex(ciphertext + tag),
    )
    expect(Buffer.from(opened).toString('hex')).toBe(plaintext)
  })

  it('decrypts a stored field: IV, then ciphertext and tag, with table, column, owner and row as additional data (D2, K37)', async () => {
    const stored = await encryptField(key, PLACE, 'text')
    const [, iv, sealed] = stored.split('.')
    const { createDecipheriv } = await import('node:crypto')
    const bytes = Buffer.from(sealed ?? '', 'base64url')
    const decipher = createDecipheriv('aes-256-gcm', secretOf(1), Buffer.from(iv ?? '', 'base64url'))
    decipher.setAAD(Buffer.from(`user_profiles|bio_enc|${ADA}|row-1`))
    decipher.setAuthTag(bytes.subarray(-16))
    expect(decipher.update(bytes.subarray(0, -16)).toString() + decipher.final().toString()).toBe('text')
  })
})
