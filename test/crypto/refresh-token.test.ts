import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { newSessionId, type SessionId } from '../../src/core/ids.ts'
import type { KeyRing } from '../../src/crypto/key-ring.ts'
import { mintOneTimeToken } from '../../src/crypto/one-time-token.ts'
import { mintRefreshToken, readRefreshToken } from '../../src/crypto/refresh-token.ts'
import { ringOf } from '../support/keys.ts'
import { mutations } from '../support/mutations.ts'

const SESSION = '4f8c1f6e-0f5b-4a52-9d53-0b1d7c5a9e01' as SessionId

let ring: KeyRing

beforeAll(async () => {
  ring = await ringOf(1)
})

describe('a refresh token', () => {
  it('is read with the claims it was created from', async () => {
    const claims = fc.record({
      sessionId: fc.uuid({ version: 4 }).map((id) => id as SessionId),
      generation: fc.integer({ min: 0, max: 9_999_999_999 }),
    })
    await fc.assert(
      fc.asyncProperty(claims, async (written) => {
        expect(await readRefreshToken(ring, await mintRefreshToken(ring, written))).toEqual(written)
      }),
    )
  })

  it('is the same for the same claims, so that two concurrent refreshes share one successor (R1)', async () => {
    const claims = { sessionId: newSessionId(), generation: 3 }
    expect(await mintRefreshToken(ring, claims)).toBe(await mintRefreshToken(ring, claims))
  })

  it('holds 256 bits that cannot be computed without the root key (O1)', async () => {
    const token = await mintRefreshToken(ring, { sessionId: SESSION, generation: 0 })
    expect(token).toMatch(/^lk_rt_[0-9a-f-]{36}\.0\.[\w-]{43}$/)
    expect(await readRefreshToken(await ringOf(2), token)).toBeUndefined()
  })

  it('is refused after every one of 5,000 mutations (R1)', async () => {
    const token = await mintRefreshToken(ring, { sessionId: SESSION, generation: 12 })
    const accepted: string[] = []
    for (const mutant of mutations(token, 5000)) {
      if ((await readRefreshToken(ring, mutant)) !== undefined) accepted.push(mutant)
    }
    expect(accepted).toEqual([])
  })

  it.each([
    ['of another generation', (mac: string) => `lk_rt_${SESSION}.8.${mac}`],
    ['of a generation with a leading zero', (mac: string) => `lk_rt_${SESSION}.07.${mac}`],
    ['of a generation in another notation', (mac: string) => `lk_rt_${SESSION}.7e0.${mac}`],
    ['of another session', (mac: string) => `lk_rt_${newSessionId()}.7.${mac}`],
    ['of the session in capitals', (mac: string) => `lk_rt_${SESSION.toUpperCase()}.7.${mac}`],
    ['with another prefix', (mac: string) => `lk_restore_${SESSION}.7.${mac}`],
    ['followed by a line feed', (mac: string) => `lk_rt_${SESSION}.7.${mac}\n`],
    ['with padding', (mac: string) => `lk_rt_${SESSION}.7.${mac}=`],
  ])('is refused when its MAC is moved to a token %s', async (_, forge) => {
    const token = await mintRefreshToken(ring, { sessionId: SESSION, generation: 7 })
    expect(await readRefreshToken(ring, forge(token.slice(-43)))).toBeUndefined()
  })

  it('is never accepted as a one-time token (J3)', async () => {
    const oneTime = await mintOneTimeToken(ring, 'restore', SESSION)
    const mac = oneTime.slice(-43)
    for (const token of [oneTime, oneTime.replace('restore', 'rt'), `lk_rt_${SESSION}.0.${mac}`]) {
      expect(await readRefreshToken(ring, token)).toBeUndefined()
    }
  })

  it('is refused when it is garbage', async () => {
    const garbage = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string().map((text) => `lk_rt_${SESSION}.0.${text}`),
    )
    await fc.assert(
      fc.asyncProperty(garbage, async (text) => {
        expect(await readRefreshToken(ring, text)).toBeUndefined()
      }),
    )
    expect(await readRefreshToken(ring, 'lk_rt_'.repeat(10_000))).toBeUndefined()
  })

  it('of an old root key version is valid during a rotation, and new ones use the newest version (D4)', async () => {
    const claims = { sessionId: SESSION, generation: 1 }
    const rotated = await ringOf(2, 1)
    expect(await readRefreshToken(rotated, await mintRefreshToken(ring, claims))).toEqual(claims)
    expect(await readRefreshToken(await ringOf(2), await mintRefreshToken(rotated, claims))).toEqual(claims)
    expect(await readRefreshToken(await ringOf(2), await mintRefreshToken(ring, claims))).toBeUndefined()
  })
})
