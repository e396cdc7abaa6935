import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { newUserId } from '../../../src/core/ids.ts'
import type { Argon2id } from '../../../src/crypto/argon2id/driver.ts'
import { argon2id } from '../../../src/crypto/argon2id/index.ts'
import type { Argon2idInput } from '../../../src/crypto/argon2id/parameters.ts'
import { runToEnd } from '../../../src/crypto/hash-queue/cooperative.ts'
import { createPasswordHasher, decoyHash, type StoredPassword } from '../../../src/crypto/passwords/password-hash.ts'
import { encodePasswordHash, type PasswordHashParams } from '../../../src/crypto/phc.ts'

const PARAMS: PasswordHashParams = { memoryKib: 64, iterations: 2, parallelism: 1 }
const DEFAULT_PARAMS: PasswordHashParams = { memoryKib: 19_456, iterations: 2, parallelism: 1 }
const PEPPER = { keyId: '2', secret: new Uint8Array(32).fill(0xb2) }
const OLD_PEPPER = { keyId: '1', secret: new Uint8Array(32).fill(0xa1) }
const [USER, OTHER_USER] = [newUserId(), newUserId()]
const PASSWORD = 'correct horse battery staple'

/** Like `createPasswordHasher`, with hashes that are computed in one piece. */
function hasherOver(argon2: Argon2id) {
  const { hashPassword, verifyPassword } = createPasswordHasher(argon2)
  return {
    hashPassword: (...args: Parameters<typeof hashPassword>) => runToEnd(hashPassword(...args)),
    verifyPassword: (...args: Parameters<typeof verifyPassword>) => runToEnd(verifyPassword(...args)),
  }
}

const hasher = hasherOver(argon2id)

const pepperByKeyId = (keyId: string) => [PEPPER, OLD_PEPPER].find((pepper) => pepper.keyId === keyId)?.secret

const hash = (password: string, params = PARAMS, pepper = PEPPER) =>
  hasher.hashPassword(password, { userId: USER, params, pepper })

const verify = (password: string, phc: string, { verifyPassword } = hasher) =>
  verifyPassword(password, { userId: USER, phc }, pepperByKeyId, PARAMS, PEPPER.keyId)

/** The tag in base64, as a PHC string contains it. */
const tagOf = (input: Argon2idInput) =>
  Buffer.from(runToEnd(argon2id(input)))
    .toString('base64')
    .replace('=', '')

/** A hash of version 0.1.0, which is not bound to a user. */
function unboundHash(params = PARAMS) {
  const salt = new Uint8Array(16).fill(7)
  const input = { ...params, password: new TextEncoder().encode(PASSWORD), salt, secret: PEPPER.secret, tagLength: 32 }
  return encodePasswordHash({ params, keyId: PEPPER.keyId, isBound: false, salt, tag: runToEnd(argon2id(input)) })
}

describe('a password', () => {
  it('matches its own hash and no other', () => {
    const phc = hash(PASSWORD)
    expect(verify(PASSWORD, phc)).toEqual({ matches: true, needsRehash: false })
    expect(verify('Correct horse battery staple', phc)).toEqual({ matches: false, needsRehash: false })
  })

  it.each([
    ['256 letters', 'a'.repeat(256)],
    ['256 letters of three bytes', '語'.repeat(256)],
    ['1,024 bytes', 'é'.repeat(512)],
  ])('of %s fails with its last character changed (P1)', (_, password) => {
    const phc = hash(password)
    expect(verify(password, phc).matches).toBe(true)
    expect(verify(`${password.slice(0, -1)}x`, phc).matches).toBe(false)
    expect(verify(password.slice(0, -1), phc).matches).toBe(false)
  })

  it('may consist of spaces and emoji, and each of them is significant (P2)', () => {
    const phc = hash('  👩‍👩‍👧 🔑  ')
    expect(verify('  👩‍👩‍👧 🔑  ', phc).matches).toBe(true)
    expect(verify('  👩‍👩‍👧 🔑 ', phc).matches).toBe(false)
  })

  it('registered in NFC matches in NFD, and the reverse (P2)', () => {
    const [composed, decomposed] = ['pässwörd-Å-각'.normalize('NFC'), 'pässwörd-Å-각'.normalize('NFD')]
    expect(composed).not.toBe(decomposed)
    expect(verify(decomposed, hash(composed)).matches).toBe(true)
    expect(verify(composed, hash(decomposed)).matches).toBe(true)
  })

  it('distinguishes characters that only look alike (P2)', () => {
    expect(verify('x2', hash('x²')).matches).toBe(false)
  })
})

describe('a hash', () => {
  it('has the cost that ASVS appendix C requires, and contains its parameters and pepper version (P4)', () => {
    expect(hash(PASSWORD, DEFAULT_PARAMS)).toMatch(
      /^\$argon2id\$v=19\$m=19456,t=2,p=1,keyid=2,ad=1\$[A-Za-z0-9/+]{22}\$[A-Za-z0-9/+]{43}$/,
    )
  })

  it('is the Argon2id tag of the UTF-8 bytes, keyed with the pepper and bound to the user (P4)', () => {
    const salt = new Uint8Array(16).fill(7)
    const phc = hasher.hashPassword('é', { userId: USER, params: PARAMS, pepper: PEPPER, salt })
    const input = { ...PARAMS, password: Uint8Array.of(0xc3, 0xa9), salt, secret: PEPPER.secret, tagLength: 32 }
    const associatedData = new TextEncoder().encode(USER)
    const prefix = '$argon2id$v=19$m=64,t=2,p=1,keyid=2,ad=1$BwcHBwcHBwcHBwcHBwcHBw$'
    expect(phc).toBe(prefix + tagOf({ ...input, associatedData }))
    expect(phc).not.toBe(prefix + tagOf(input))
  })

  it('matches no password for another user, or without its marker ad=1 (P4)', () => {
    const phc = hash(PASSWORD)
    const check = (stored: StoredPassword) =>
      hasher.verifyPassword(PASSWORD, stored, pepperByKeyId, PARAMS, PEPPER.keyId).matches
    expect(check({ userId: USER, phc })).toBe(true)
    expect(check({ userId: OTHER_USER, phc })).toBe(false)
    expect(check({ userId: undefined, phc })).toBe(false)
    expect(check({ userId: USER, phc: phc.replace(',ad=1', '') })).toBe(false)
  })

  it('from before hashes were bound matches and needs a rehash (P4)', () => {
    expect(verify(PASSWORD, unboundHash())).toEqual({ matches: true, needsRehash: true })
    expect(verify('wrong', unboundHash())).toEqual({ matches: false, needsRehash: false })
    expect(verify(PASSWORD, unboundHash().replace(',keyid=2', ',keyid=2,ad=1')).matches).toBe(false)
  })

  it('differs between two users with the same password (P4)', () => {
    expect(new Set(Array.from({ length: 50 }, () => hash(PASSWORD))).size).toBe(50)
  })

  it('matches only under its own pepper (P4)', () => {
    const other = () => OLD_PEPPER.secret
    expect(
      hasher.verifyPassword(PASSWORD, { userId: USER, phc: hash(PASSWORD) }, other, PARAMS, PEPPER.keyId).matches,
    ).toBe(false)
  })

  it.each([
    ['memory', { ...PARAMS, memoryKib: 32 }],
    ['passes', { ...PARAMS, iterations: 1 }],
    ['lanes', { ...PARAMS, parallelism: 2 }],
  ])('with other %s matches and needs a rehash (P4)', (_, params) => {
    expect(verify(PASSWORD, hash(PASSWORD, params))).toEqual({ matches: true, needsRehash: true })
  })

  it('under an old pepper matches and needs a rehash (P4)', () => {
    expect(verify(PASSWORD, hash(PASSWORD, PARAMS, OLD_PEPPER))).toEqual({ matches: true, needsRehash: true })
  })

  it('with a short salt matches and needs a rehash (P4)', () => {
    const phc = hasher.hashPassword(PASSWORD, {
      userId: USER,
      params: PARAMS,
      pepper: PEPPER,
      salt: new Uint8Array(8),
    })
    expect(verify(PASSWORD, phc)).toEqual({ matches: true, needsRehash: true })
  })

  it('needs no rehash when the password is wrong, however old the hash is', () => {
    expect(verify('wrong', hash(PASSWORD, PARAMS, OLD_PEPPER))).toEqual({ matches: false, needsRehash: false })
  })

  it.each([
    ['parameters out of bounds', { params: { ...PARAMS, memoryKib: 65_537 }, pepper: PEPPER }],
    ['a fraction of a pass', { params: { ...PARAMS, iterations: 1.5 }, pepper: PEPPER }],
    ['a key id that ends the parameters', { params: PARAMS, pepper: { ...PEPPER, keyId: '2$' } }],
    ['an empty key id', { params: PARAMS, pepper: { ...PEPPER, keyId: '' } }],
    ['a salt of 65 bytes', { params: PARAMS, pepper: PEPPER, salt: new Uint8Array(65) }],
  ])('is not created with %s, which could not be parsed again (P5)', (_, options) => {
    expect(() => hasher.hashPassword(PASSWORD, { userId: USER, ...options })).toThrow(RangeError)
  })

  it('with parameters out of bounds is refused before anything is computed (P5)', () => {
    const untouched = hasherOver(() => {
      throw new Error('Argon2id was asked')
    })
    const options = { params: { ...PARAMS, iterations: 11 }, pepper: PEPPER }
    expect(() => untouched.hashPassword(PASSWORD, { userId: USER, ...options })).toThrow(RangeError)
  })
})

describe('a poisoned row', () => {
  const valid = hash(PASSWORD)
  const poisoned: [string, string][] = [
    ['one gibibyte', valid.replace('m=64', 'm=1048576')],
    ['one KiB too many', valid.replace('m=64', 'm=65537')],
    ['eleven passes', valid.replace('t=2', 't=11')],
    ['ten passes of 64 MiB', valid.replace('m=64,t=2', 'm=65536,t=10')],
    ['five lanes', valid.replace('p=1', 'p=5')],
    ['no lanes', valid.replace('p=1', 'p=0')],
    ['too little memory for its lanes', valid.replace('m=64,t=2,p=1', 'm=31,t=2,p=4')],
    ['a negative number', valid.replace('t=2', 't=-2')],
    ['a number that overflows', valid.replace('m=64', 'm=99999999999999999999')],
    ['a tag of a megabyte', `${valid}${'A'.repeat(1_400_000)}`],
    ['a tag of one byte', valid.replace(/[^$]+$/, 'AA')],
    ['an unknown pepper', valid.replace('keyid=2', 'keyid=3')],
    ['other associated data', valid.replace('ad=1', 'ad=2')],
    ['a megabyte of associated data', valid.replace('ad=1', `data=${'A'.repeat(1_400_000)}`)],
    ['another algorithm', valid.replace('argon2id', 'argon2i')],
    ['an empty text', ''],
  ]

  it.each(poisoned)('with %s matches no password and costs one hash with the current parameters (P5)', (_, phc) => {
    const calls: Argon2idInput[] = []
    const counting = hasherOver((input) => {
      calls.push(input)
      return argon2id(input)
    })
    expect(verify(PASSWORD, phc, counting)).toEqual({ matches: false, needsRehash: false })
    expect(calls).toEqual([expect.objectContaining({ ...PARAMS, tagLength: 32 })])
  })

  it('under an unknown pepper matches no password, even if created with the zeros that replace it (P5)', () => {
    const zeros = { keyId: '3', secret: new Uint8Array(32) }
    expect(verify(PASSWORD, hash(PASSWORD, PARAMS, zeros)).matches).toBe(false)
  })

  it('matches no password even if its tag equals that of the decoy (P5)', () => {
    const zeros = hasherOver(function* ({ tagLength }) {
      yield
      return new Uint8Array(tagLength)
    })
    expect(verify(PASSWORD, '', zeros).matches).toBe(false)
  })

  it('of any text matches no password and never throws (P5)', () => {
    const edits = fc.tuple(fc.nat(valid.length), fc.nat(valid.length), fc.string({ unit: 'binary' }))
    const property = fc.property(edits, ([from, length, text]) => {
      const phc = valid.slice(0, from) + text + valid.slice(from + length)
      return verify(PASSWORD, phc).matches === (phc === valid)
    })
    fc.assert(property, { numRuns: 500 })
  })
})

describe('a decoy', () => {
  it('matches no password and costs one hash like a real row (P4)', () => {
    const calls: Argon2idInput[] = []
    const counting = hasherOver((input) => {
      const { salt, associatedData } = input
      const lengths = { salt: new Uint8Array(salt.length), associatedData: new Uint8Array(associatedData?.length ?? 0) }
      calls.push({ ...input, password: new Uint8Array(), ...lengths })
      return argon2id(input)
    })
    expect(verify(PASSWORD, hash(PASSWORD), counting).matches).toBe(true)
    expect(verify(PASSWORD, decoyHash(PARAMS, PEPPER.keyId), counting)).toEqual({ matches: false, needsRehash: false })
    expect(calls).toHaveLength(2)
    expect(calls[1]).toEqual(calls[0])
  })
})

it('leaves no copy of the password in the bytes it hashed', () => {
  const seen: Uint8Array[] = []
  const recording = hasherOver((input) => {
    seen.push(input.password)
    return argon2id(input)
  })
  recording.hashPassword(PASSWORD, { userId: USER, params: PARAMS, pepper: PEPPER })
  expect(seen).toEqual([new Uint8Array(PASSWORD.length)])
})
