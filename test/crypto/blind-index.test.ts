import { createHash, createHmac, hkdfSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { blindIndex, blindIndexes } from '../../src/crypto/blind-index.ts'
import { ringOf, secretOf } from '../support/keys.ts'

const ADDRESS = 'ada@example.com'
const PURPOSES = ['emailIndex', 'emailDomainIndex', 'attemptIndex', 'deviceIndex'] as const

describe('a blind index', () => {
  it('is HMAC-SHA-256 under a key derived for its purpose, after the root key version', async () => {
    const { newest } = await ringOf(7)
    const key = new Uint8Array(hkdfSync('sha256', secretOf(7), '', 'latchkey/email-index/v1', 32))
    const expected = createHmac('sha256', key).update(ADDRESS).digest('base64url')
    expect(await blindIndex(newest, 'emailIndex', ADDRESS)).toBe(`7.${expected}`)
  })

  it('is the same for the same value and different for any other', async () => {
    const { newest } = await ringOf(1)
    const indexes = await Promise.all(
      [ADDRESS, ADDRESS, 'ada@example.con', ` ${ADDRESS}`, 'Ada@example.com', ''].map((value) =>
        blindIndex(newest, 'emailIndex', value),
      ),
    )
    expect(new Set(indexes).size).toBe(5)
    expect(indexes[0]).toBe(indexes[1])
  })

  it('differs between purposes for one value (D3)', async () => {
    const { newest } = await ringOf(1)
    const macs = await Promise.all(PURPOSES.map((purpose) => blindIndex(newest, purpose, ADDRESS)))
    expect(new Set(macs).size).toBe(PURPOSES.length)
  })

  it('differs between root keys in more than its version (D3)', async () => {
    const { all } = await ringOf(2, 1)
    const [second, first] = await Promise.all(all.map((keys) => blindIndex(keys, 'emailIndex', ADDRESS)))
    expect(second?.split('.')[1]).not.toBe(first?.split('.')[1])
  })

  it('cannot be computed from the database alone: it is no unkeyed hash of the address (D3)', async () => {
    const { newest } = await ringOf(1)
    const mac = (await blindIndex(newest, 'emailIndex', ADDRESS)).slice(2)
    const guesses = ['sha256', 'sha512', 'sha1'].flatMap((hash) => [
      createHash(hash).update(ADDRESS).digest('base64url'),
      createHmac(hash, '').update(ADDRESS).digest('base64url'),
      createHmac(hash, new Uint8Array(32)).update(ADDRESS).digest('base64url'),
      createHmac(hash, 'latchkey/email-index/v1').update(ADDRESS).digest('base64url'),
    ])
    expect(mac).toMatch(/^[\w-]{43}$/)
    expect(guesses).not.toContain(mac)
  })

  it('holds no readable part of the value (D1)', async () => {
    const { newest } = await ringOf(1)
    const index = await blindIndex(newest, 'emailIndex', ADDRESS)
    expect(index).not.toContain('ada')
    expect(Buffer.from(index.slice(2), 'base64url').toString('latin1')).not.toContain('ada')
  })

  it('is computed under every version during a rotation, newest first (D4)', async () => {
    const ring = await ringOf(3, 2, 1)
    const indexes = await blindIndexes(ring, 'emailIndex', ADDRESS)
    expect(indexes.map((index) => index.split('.')[0])).toEqual(['3', '2', '1'])
    expect(indexes[2]).toBe(await blindIndex((await ringOf(1)).newest, 'emailIndex', ADDRESS))
  })
})
