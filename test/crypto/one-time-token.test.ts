import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import type { SessionId } from '../../src/core/ids.ts'
import { toBase64url, utf8 } from '../../src/crypto/encoding.ts'
import type { KeyRing } from '../../src/crypto/key-ring.ts'
import { mintOneTimeToken, readOneTimeToken } from '../../src/crypto/one-time-token.ts'
import { mintRefreshToken } from '../../src/crypto/refresh-token.ts'
import { ringOf } from '../support/keys.ts'
import { mutations } from '../support/mutations.ts'

const ID = '4f8c1f6e-0f5b-4a52-9d53-0b1d7c5a9e01'

let ring: KeyRing

beforeAll(async () => {
  ring = await ringOf(1)
})

describe('a one-time token', () => {
  it('is read with the id it was created from', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uuid({ version: 4 }), async (id) => {
        expect(await readOneTimeToken(ring, 'restore', await mintOneTimeToken(ring, 'restore', id))).toBe(id)
      }),
    )
  })

  it('cannot be created from the id that the database stores (O1)', async () => {
    const token = await mintOneTimeToken(ring, 'restore', ID)
    expect(token).toMatch(/^lk_restore_[0-9a-f-]{36}\.[\w-]{43}$/)
    expect(await readOneTimeToken(await ringOf(2), 'restore', token)).toBeUndefined()
    expect(await readOneTimeToken(ring, 'restore', ID)).toBeUndefined()
  })

  it('is refused after every one of 5,000 mutations (O2)', async () => {
    const token = await mintOneTimeToken(ring, 'restore', ID)
    const accepted: string[] = []
    for (const mutant of mutations(token, 5000)) {
      if ((await readOneTimeToken(ring, 'restore', mutant)) !== undefined) accepted.push(mutant)
    }
    expect(accepted).toEqual([])
  })

  it('of one purpose is invalid for another, with its own name or that of the other (O2)', async () => {
    const token = await mintOneTimeToken(ring, 'verify', ID)
    expect(await readOneTimeToken(ring, 'verify', token)).toBe(ID)
    expect(await readOneTimeToken(ring, 'restore', token)).toBeUndefined()
    expect(await readOneTimeToken(ring, 'restore', token.replace('verify', 'restore'))).toBeUndefined()
  })

  it('is never accepted as a refresh token (J3)', async () => {
    const refresh = await mintRefreshToken(ring, { sessionId: ID as SessionId, generation: 0 })
    for (const token of [refresh, refresh.replace('.0.', '.'), `lk_restore_${ID}.${refresh.slice(-43)}`]) {
      expect(await readOneTimeToken(ring, 'restore', token)).toBeUndefined()
    }
  })

  it('is refused when its id is not a UUID v4, even with a valid MAC', async () => {
    for (const id of ['-'.repeat(36), ID.replace('-4a52-', '-7a52-'), ID.replace('-9d53-', '-fd53-')]) {
      const mac = await crypto.subtle.sign('HMAC', ring.newest.token, utf8(`one-time|restore|${id}`))
      const token = `lk_restore_${id}.${toBase64url(new Uint8Array(mac))}`
      expect(await readOneTimeToken(ring, 'restore', token)).toBeUndefined()
    }
  })

  it('is refused when it is garbage', async () => {
    const garbage = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string().map((text) => `lk_restore_${ID}.${text}`),
    )
    await fc.assert(
      fc.asyncProperty(garbage, async (text) => {
        expect(await readOneTimeToken(ring, 'restore', text)).toBeUndefined()
      }),
    )
  })

  it('of an old root key version is valid during a rotation and not after it (D4)', async () => {
    const token = await mintOneTimeToken(ring, 'restore', ID)
    expect(await readOneTimeToken(await ringOf(2, 1), 'restore', token)).toBe(ID)
    expect(await readOneTimeToken(await ringOf(2), 'restore', token)).toBeUndefined()
  })
})
