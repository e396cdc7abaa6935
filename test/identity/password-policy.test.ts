import { describe, expect, it } from 'vitest'
import { AppError } from '../../src/core/errors.ts'
import { parseEmailAddress } from '../../src/identity/email-address.ts'
import { assertAcceptablePassword } from '../../src/identity/password-policy.ts'

const SETTINGS = { PASSWORD_MIN_LENGTH: 8 }

function ownerOf(address = 'lovelace@example.com', fullName?: string | null) {
  const email = parseEmailAddress(address)
  if (email === undefined) throw new Error('no address')
  return { email, fullName }
}

/** Why a password was refused, or undefined. */
function refusal(password: string, owner = ownerOf(), settings = SETTINGS): string | undefined {
  try {
    assertAcceptablePassword(settings, password, owner)
    return undefined
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    expect(error.code).toBe('validation_failed')
    expect(error.options.errors).toEqual([{ pointer: '/password', detail: expect.any(String) }])
    return error.options.errors?.[0]?.detail
  }
}

describe('the length of a password', () => {
  it('is at least the configured number of code points (P1)', () => {
    expect(refusal('sevench')).toBe('must have at least 8 characters')
    expect(refusal('eightchr')).toBeUndefined()
    expect(refusal('fourteen chars', ownerOf(), { PASSWORD_MIN_LENGTH: 15 })).toBe('must have at least 15 characters')
    expect(refusal('fifteen chars!!', ownerOf(), { PASSWORD_MIN_LENGTH: 15 })).toBeUndefined()
  })

  it('counts code points, not UTF-16 units, and after NFC (P1, P2)', () => {
    expect(refusal('🔑'.repeat(4))).toBe('must have at least 8 characters')
    expect(refusal('🔑'.repeat(8))).toBeUndefined()
    expect(refusal('u\u0308'.repeat(7))).toBe('must have at least 8 characters')
    expect(refusal('u\u0308'.repeat(8))).toBeUndefined()
  })

  it('is at most 1,024 bytes of UTF-8 after NFC (P1)', () => {
    expect(refusal('a'.repeat(1024))).toBeUndefined()
    expect(refusal('a'.repeat(1025))).toBe('must have at most 1024 bytes')
    expect(refusal('ü'.repeat(512))).toBeUndefined()
    expect(refusal('u\u0308'.repeat(512))).toBeUndefined()
    expect(refusal('ü'.repeat(513))).toBe('must have at most 1024 bytes')
    expect(refusal('🔑'.repeat(256))).toBeUndefined()
    expect(refusal('🔑'.repeat(257))).toBe('must have at most 1024 bytes')
  })
})

describe('the composition of a password', () => {
  it.each([
    ['lower-case letters alone', 'xkcdhorse'],
    ['digits alone', '83751946'],
    ['spaces alone', ' '.repeat(8)],
    ['spaces around', '  a  b  c  '],
    ['emoji', '🐎🔋📎✅🐎🔋📎✅'],
    ['another script', 'правильнаялошадь'],
    ['control characters', '\u0001\u0002\u0003\u0004\u0005\u0006\u0007\u0008'],
    ['NUL in the middle', 'before\0after'],
  ])('is free: %s (P2)', (_, password) => {
    expect(refusal(password)).toBeUndefined()
  })
})

describe('a password made of what everyone knows of its owner is refused (P3)', () => {
  const owner = ownerOf('Lovelace@Example.com', 'Augusta Ada K\u00f6nig')

  it.each([
    ['the address', 'lovelace@example.com'],
    ['the address within', 'x-LOVELACE@EXAMPLE.COM-1'],
    ['the local part', 'lovelace1815'],
    ['the local part in another case', 'LoveLace1815'],
    ['a part of the name', 'augusta1815'],
    ['a part of the name in another case', '1815AUGUSTA'],
    ['a part of the name in NFD', 'ko\u0308nig1815'],
    ['the name of the service', 'latchkey2026'],
    ['the name of the service in another case', 'my-LatchKey'],
  ])('%s', (_, password) => {
    expect(refusal(password, owner)).toBe('must not contain your e-mail address, your name or the name of this service')
  })

  it.each([
    ['a part of the name that is too short to mean anything', 'adaptable'],
    ['half of the local part', 'lovelorn1815'],
  ])('but not for %s', (_, password) => {
    expect(refusal(password, owner)).toBeUndefined()
  })

  it.each([undefined, null, '', '   '])('and a name of %j forbids nothing', (fullName) => {
    expect(refusal('any other password', ownerOf('ada@example.com', fullName))).toBeUndefined()
  })
})

it('names the member that it was given', () => {
  expect(() => assertAcceptablePassword(SETTINGS, 'short', ownerOf(), '/new_password')).toThrow(
    expect.objectContaining({
      options: { errors: [{ pointer: '/new_password', detail: 'must have at least 8 characters' }] },
    }),
  )
})
