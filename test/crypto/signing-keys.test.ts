import { describe, expect, it } from 'vitest'
import { deriveKeyRing } from '../../src/crypto/key-ring.ts'
import { createSigningKeys } from '../../src/crypto/signing-keys.ts'
import { ringOf, secretOf } from '../support/keys.ts'

const JANUARY = Date.UTC(2026, 0, 15)
const MESSAGE = new TextEncoder().encode('message')
const ECDSA = { name: 'ECDSA', hash: 'SHA-256' }

const signingKeys = async (...versions: number[]) => createSigningKeys(await ringOf(...versions))

describe('the signing keys', () => {
  it.each([
    ['the last millisecond of a month', '2026-01-31T23:59:59.999Z', '1.2026-01'],
    ['the first millisecond of the next', '2026-02-01T00:00:00.000Z', '1.2026-02'],
    ['the last millisecond of a year', '2025-12-31T23:59:59.999Z', '1.2025-12'],
    ['the first millisecond of the next', '2026-01-01T00:00:00.000Z', '1.2026-01'],
    ['a leap day', '2028-02-29T12:00:00.000Z', '1.2028-02'],
    ['a time that is in another month in another time zone', '2026-02-01T00:30:00.000+14:00', '1.2026-01'],
  ])('change with the month in UTC: %s', async (_, time, kid) => {
    expect((await (await signingKeys(1)).current(Date.parse(time))).kid).toBe(kid)
  })

  it.each([
    ['2026-01-31T23:59:59.999Z', ['1.2025-12', '1.2026-01', '1.2026-02']],
    ['2026-01-01T00:00:00.000Z', ['1.2025-12', '1.2026-01', '1.2026-02']],
    ['2025-12-31T12:00:00.000Z', ['1.2025-11', '1.2025-12', '1.2026-01']],
    ['2026-03-31T12:00:00.000Z', ['1.2026-02', '1.2026-03', '1.2026-04']],
  ])('publish the previous, the current and the next month at %s', async (time, kids) => {
    const published = await (await signingKeys(1)).published(Date.parse(time))
    expect(published.map(({ kid }) => kid)).toEqual(kids)
  })

  it('publish only public members, with one key for each month and version', async () => {
    const published = await (await signingKeys(2, 1)).published(JANUARY)
    expect(published.map(({ kid }) => kid)).toEqual([
      ...['2.2025-12', '2.2026-01', '2.2026-02'],
      ...['1.2025-12', '1.2026-01', '1.2026-02'],
    ])
    for (const key of published) expect(Object.keys(key).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'])
    expect(new Set(published.map(({ x }) => x)).size).toBe(6)
  })

  it.each([
    ['two months ago', '1.2025-11'],
    ['in two months', '1.2026-03'],
    ['this month of another year', '1.2025-01'],
    ['this month of an unknown version', '2.2026-01'],
    ['another spelling of this month', '1.2026-1'],
    ['another spelling of the version', '01.2026-01'],
    ['an empty kid', ''],
    ['a member of every object', 'constructor'],
    ['a path', '../../1.2026-01'],
  ])('include no key of %s (J2)', async (_, kid) => {
    expect(await (await signingKeys(1)).find(kid, JANUARY)).toBeUndefined()
  })

  it('are no longer found after their time, even in an isolate that has derived them (J2)', async () => {
    const keys = await signingKeys(1)
    const { kid } = await keys.current(JANUARY)
    expect(await keys.find(kid, Date.UTC(2026, 1, 28))).toBeDefined()
    expect(await keys.find(kid, Date.UTC(2026, 2, 1))).toBeUndefined()
  })

  it('are the same in every isolate: another isolate verifies what one signed', async () => {
    const { privateKey, kid } = await (await signingKeys(1)).current(JANUARY)
    const signature = await crypto.subtle.sign(ECDSA, privateKey, MESSAGE)
    const found = await (await signingKeys(2, 1)).find(kid, JANUARY)
    expect(found && (await crypto.subtle.verify(ECDSA, found, signature, MESSAGE))).toBe(true)
    expect(await (await signingKeys(1)).published(JANUARY)).toEqual(await (await signingKeys(1)).published(JANUARY))
  })

  it('sign under the newest root key version', async () => {
    expect((await (await signingKeys(2, 1)).current(JANUARY)).kid).toBe('2.2026-01')
  })

  it('are derived to the same key for many concurrent requests', async () => {
    const keys = await signingKeys(1)
    const found = await Promise.all(Array.from({ length: 16 }, () => keys.current(JANUARY)))
    expect(new Set(found.map(({ publicJwk }) => publicJwk.x)).size).toBe(1)
  })
})

describe('a revoked signing key', () => {
  const revoking = async (revoked: readonly string[], ...versions: number[]) =>
    createSigningKeys(await ringOf(...versions), revoked)

  it('is neither published nor found, another key replaces it, and the others are unchanged (J2)', async () => {
    const [before, after] = [await signingKeys(1), await revoking(['1.2026-01'], 1)]
    expect(await after.find('1.2026-01', JANUARY)).toBeUndefined()
    expect((await after.current(JANUARY)).kid).toBe('1.2026-01.2')
    expect((await after.published(JANUARY)).map(({ kid }) => kid)).toEqual(['1.2025-12', '1.2026-01.2', '1.2026-02'])
    const [old, fresh] = [await before.current(JANUARY), await after.current(JANUARY)]
    expect(fresh.publicJwk.x).not.toBe(old.publicJwk.x)
    expect(await after.find('1.2025-12', JANUARY)).toBeDefined()
  })

  it('has a replacement that can be revoked too (J2)', async () => {
    const keys = await revoking(['1.2026-01', '1.2026-01.2'], 1)
    expect((await keys.current(JANUARY)).kid).toBe('1.2026-01.3')
    for (const kid of ['1.2026-01', '1.2026-01.2', '1.2026-01.4']) expect(await keys.find(kid, JANUARY)).toBeUndefined()
  })

  it('has no replacement before it is revoked (J2)', async () => {
    expect(await (await signingKeys(1)).find('1.2026-01.2', JANUARY)).toBeUndefined()
  })
})

it('the keys of a distrusted root key are neither published nor found (J2, D4)', async () => {
  const ring = await deriveKeyRing(
    [2, 1].map((version) => ({ version, secret: secretOf(version) })),
    [{ version: 1 }],
  )
  const keys = createSigningKeys(ring)
  expect((await keys.published(JANUARY)).map(({ kid }) => kid)).toEqual(['2.2025-12', '2.2026-01', '2.2026-02'])
  expect(await keys.find('1.2026-01', JANUARY)).toBeUndefined()
})
