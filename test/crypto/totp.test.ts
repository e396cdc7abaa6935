import { generateHOTP } from '@oslojs/otp'
import fc from 'fast-check'
import { Secret } from 'otpauth/bare'
import { describe, expect, it } from 'vitest'
import { findTotpStep, newTotpSecret, totpCode, totpStep, totpUri } from '../../src/crypto/totp.ts'

/** The secret of both RFCs. */
const RFC_SECRET = Secret.fromUTF8('12345678901234567890').base32
const STEP_MS = 30_000
const CODES_OF_RFC_4226 = '755224 287082 359152 969429 338314 254676 287922 162583 399871 520489'.split(' ')

const times = fc.integer({ min: 0, max: 4_102_444_800_000 })
const secrets = fc.uint8Array({ minLength: 20, maxLength: 20 }).map((bytes) => ({
  bytes,
  base32: new Secret({ buffer: Uint8Array.from(bytes).buffer }).base32,
}))

describe('a code of an authenticator application', () => {
  it.each([...CODES_OF_RFC_4226.entries()])(
    'is that of RFC 4226 appendix D for counter %i: %s (M4)',
    (counter, code) => {
      expect(totpCode(RFC_SECRET, counter * STEP_MS)).toBe(code)
    },
  )

  // The vectors have eight digits. A code of six digits is their end (RFC 4226 section 5.3).
  it.each([
    [59, '94287082'],
    [1111111109, '07081804'],
    [1111111111, '14050471'],
    [1234567890, '89005924'],
    [2000000000, '69279037'],
    [20000000000, '65353130'],
  ])('is that of RFC 6238 appendix B at second %i: %s (M4)', (second, code) => {
    expect(totpCode(RFC_SECRET, second * 1000)).toBe(code.slice(-6))
  })

  it('is that of a library of another author, for any secret at any time (M4)', () => {
    fc.assert(
      fc.property(secrets, times, ({ bytes, base32 }, now) => {
        const code = generateHOTP(bytes, BigInt(totpStep(now)), 6)
        expect(totpCode(base32, now)).toBe(code)
        expect(findTotpStep(base32, { code, now, driftSteps: 0 })).toBe(totpStep(now))
      }),
    )
  })

  it('is accepted one step early and one step late, and at no other step, to the millisecond (M4)', () => {
    const now = 1_800_000_000_000
    const step = totpStep(now)
    const code = totpCode(RFC_SECRET, now)
    const found = (at: number, driftSteps: number) => findTotpStep(RFC_SECRET, { code, now: at, driftSteps })
    expect([now - 1, now, now + STEP_MS - 1, now + STEP_MS].map((at) => found(at, 0))).toEqual([
      undefined,
      step,
      step,
      undefined,
    ])
    expect([now - STEP_MS, now + 2 * STEP_MS - 1].map((at) => found(at, 1))).toEqual([step, step])
    expect([now - STEP_MS - 1, now + 2 * STEP_MS].map((at) => found(at, 1))).toEqual([undefined, undefined])
  })

  it('is nothing but its six digits (M4)', () => {
    const now = 1_800_000_000_000
    const code = totpCode(RFC_SECRET, now)
    const fullWidth = code.replace(/\d/g, (digit) => String.fromCharCode(0xff10 + Number(digit)))
    for (const typed of ['', code.slice(1), `0${code}`, ` ${code}`, `${code} `, fullWidth, `${code.slice(0, 5)}x`]) {
      expect(findTotpStep(RFC_SECRET, { code: typed, now, driftSteps: 1 })).toBeUndefined()
    }
  })
})

describe('the secret of an authenticator application', () => {
  it('has 160 random bits in base32 (M8)', () => {
    const made = Array.from({ length: 200 }, newTotpSecret)
    expect(new Set(made).size).toBe(200)
    for (const secret of made) expect(secret).toMatch(/^[A-Z2-7]{32}$/)
    // Each of the 32 characters is 5 bits. None of the 160 bits is the same in 200 secrets.
    const bits = made.map((secret) => [...Secret.fromBase32(secret).bytes])
    for (let bit = 0; bit < 160; bit += 1) {
      const values = new Set(bits.map((bytes) => ((bytes[bit >> 3] ?? 0) >> (bit & 7)) & 1))
      expect(values.size).toBe(2)
    }
  })

  it('is written as an address that authenticator applications read', () => {
    const uri = new URL(totpUri(RFC_SECRET, { issuer: 'Ada & Söhne', account: 'a+b@example.com' }))
    expect(uri.protocol).toBe('otpauth:')
    expect(uri.href).toContain('//totp/Ada%20%26%20S%C3%B6hne:a%2Bb%40example.com?')
    expect(Object.fromEntries(uri.searchParams)).toEqual({
      secret: RFC_SECRET,
      issuer: 'Ada & Söhne',
      algorithm: 'SHA1',
      digits: '6',
      period: '30',
    })
  })
})
