import { beforeAll, describe, expect, it } from 'vitest'
import {
  holdSameDataKey,
  MissingRootKeyError,
  newDataKey,
  rewrapDataKey,
  unwrapDataKey,
  wrapDataKey,
  wrappedUnder,
} from '../../src/crypto/data-key.ts'
import { CiphertextError, decryptField, encryptField } from '../../src/crypto/field-cipher.ts'
import { importAesKey, type KeyRing } from '../../src/crypto/key-ring.ts'
import { replaceAt, ringOf } from '../support/keys.ts'

const ADA = '4f8c1f6e-0f5b-4a52-9d53-0b1d7c5a9e01'
const BOB = '4f8c1f6e-0f5b-4a52-9d53-0b1d7c5a9e02'
const PLACE = { table: 'users', column: 'email_enc', owner: ADA, row: 'row' }

let ring: KeyRing

beforeAll(async () => {
  ring = await ringOf(1)
})

describe('a data key', () => {
  it('is 32 random bytes', () => {
    const keys = Array.from({ length: 1000 }, () => newDataKey())
    expect(new Set(keys.map((key) => key.length))).toEqual(new Set([32]))
    expect(new Set(keys.map((key) => key.join())).size).toBe(1000)
  })

  it('decrypts after unwrapping what it encrypted before', async () => {
    const raw = newDataKey()
    const stored = await encryptField(await importAesKey(raw.slice()), PLACE, 'ada@example.com')
    const unwrapped = await unwrapDataKey(ring, ADA, await wrapDataKey(ring, ADA, raw))
    expect(await decryptField(unwrapped, PLACE, stored)).toBe('ada@example.com')
    expect(unwrapped.extractable).toBe(false)
  })

  it('is unreadable while wrapped, and has another wrap each time (D2)', async () => {
    const raw = newDataKey()
    const [first, second] = await Promise.all([wrapDataKey(ring, ADA, raw), wrapDataKey(ring, ADA, raw)])
    expect(first).toMatch(/^1\.[\w-]{16}\.[\w-]{64}$/)
    expect(first.split('.')[1]).not.toBe(second.split('.')[1])
    expect(Buffer.from(first.split('.')[2] ?? '', 'base64url').includes(Buffer.from(raw))).toBe(false)
  })

  it('does not unwrap for another owner (D2)', async () => {
    const wrapped = await wrapDataKey(ring, ADA, newDataKey())
    for (const owner of [BOB, 'system/2026-01', '', ADA.toUpperCase()]) {
      await expect(unwrapDataKey(ring, owner, wrapped)).rejects.toThrow(CiphertextError)
    }
  })

  it('unwraps under an old root key version after a rotation, and is wrapped under the newest (D4)', async () => {
    const old = await wrapDataKey(ring, ADA, newDataKey())
    const rotated = await ringOf(2, 1)
    await expect(unwrapDataKey(rotated, ADA, old)).resolves.toBeDefined()
    expect(await wrapDataKey(rotated, ADA, newDataKey())).toMatch(/^2\./)
  })

  it('is refused with the version of its root key when that is missing (D4)', async () => {
    const wrapped = await wrapDataKey(ring, ADA, newDataKey())
    await expect(unwrapDataKey(await ringOf(2), ADA, wrapped)).rejects.toThrow(new MissingRootKeyError(1))
  })

  it('is the same key after it is wrapped anew under the newest root key (D4)', async () => {
    const raw = newDataKey()
    const old = await wrapDataKey(ring, ADA, raw)
    const rotated = await ringOf(2, 1)
    const renewed = await rewrapDataKey(rotated, ADA, old)
    expect([wrappedUnder(old), wrappedUnder(renewed)]).toEqual([1, 2])
    expect(await holdSameDataKey(rotated, ADA, old, renewed)).toBe(true)
    expect(await holdSameDataKey(rotated, ADA, old, await wrapDataKey(rotated, ADA, newDataKey()))).toBe(false)
    const stored = await encryptField(await importAesKey(raw), PLACE, 'ada@example.com')
    expect(await decryptField(await unwrapDataKey(await ringOf(2), ADA, renewed), PLACE, stored)).toBe(
      'ada@example.com',
    )
    await expect(rewrapDataKey(rotated, BOB, old)).rejects.toThrow(CiphertextError)
  })

  it('does not unwrap when its version is replaced by another (D4)', async () => {
    const rotated = await ringOf(2, 1)
    const wrapped = await wrapDataKey(rotated, ADA, newDataKey())
    for (const version of ['1', '02', '+2', '2.0', '', '3']) {
      await expect(unwrapDataKey(rotated, ADA, wrapped.replace(/^2/, version))).rejects.toThrow(CiphertextError)
    }
  })

  it('is not reported as under a missing root key when the text is not a wrapped key (D4)', async () => {
    const wrapped = await wrapDataKey(ring, ADA, newDataKey())
    for (const text of ['', '..', '{}', `0${wrapped}`, wrapped.slice(0, -1), wrapped.replace('.', '..')]) {
      const error = await unwrapDataKey(ring, ADA, text).catch((reason: unknown) => reason)
      expect(error).toBeInstanceOf(CiphertextError)
      expect(error).not.toBeInstanceOf(MissingRootKeyError)
    }
  })

  it('does not unwrap when altered anywhere, shortened or extended (D2)', async () => {
    const wrapped = await wrapDataKey(ring, ADA, newDataKey())
    const altered = [...wrapped].map((character, i) => replaceAt(wrapped, i, character === 'A' ? 'B' : 'A'))
    const cut = [...wrapped].map((_, end) => wrapped.slice(0, end))
    for (const text of [...altered, ...cut, `${wrapped}.`, `${wrapped}A`, `${wrapped}=`, '..', '{}']) {
      await expect(unwrapDataKey(ring, ADA, text)).rejects.toThrow(CiphertextError)
    }
  })
})
