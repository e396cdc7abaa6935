import { hashSync as bcryptOf } from 'bcryptjs'
import { describe, expect, test } from 'vitest'
import { newUserId } from '../../../../src/core/ids.ts'
import type { Argon2id } from '../../../../src/crypto/argon2id/driver.ts'
import { argon2id } from '../../../../src/crypto/argon2id/index.ts'
import { runToEnd } from '../../../../src/crypto/hash-queue/cooperative.ts'
import { createDeriveForeign } from '../../../../src/crypto/passwords/foreign/derive.ts'
import { parseImportedHash } from '../../../../src/crypto/passwords/foreign/imported-hash.ts'
import { parseForeignHash } from '../../../../src/crypto/passwords/foreign/parse-hash.ts'
import { nameScheme, parseScheme } from '../../../../src/crypto/passwords/foreign/scheme.ts'
import { keyPasswords } from '../../../../src/crypto/passwords/keyed-passwords.ts'
import { createPasswordHasher } from '../../../../src/crypto/passwords/password-hash.ts'
import { ringOf } from '../../../support/keys.ts'
import { mutations } from '../../../support/mutations.ts'
import { foreignVectors } from './vectors.ts'

const inSlices = createDeriveForeign(argon2id)
const deriveForeign = (...input: Parameters<typeof inSlices>) => runToEnd(inSlices(...input))

/** Parses a hash, and throws if it is refused. */
function read(text: string) {
  const hash = parseForeignHash(text)
  if (typeof hash === 'string') throw new Error(hash)
  return hash
}

const [USER, OTHER_USER] = [newUserId(), newUserId()]
const rowOf = (passwordHash: string, id = USER) => ({ id, passwordHash })

const params = { memoryKib: 64, iterations: 1, parallelism: 1 }
const passwordsOf = async (...versions: number[]) =>
  keyPasswords({
    hasher: createPasswordHasher(argon2id),
    ring: await ringOf(...versions),
    params,
    deriveForeign: inSlices,
  })

describe('a hash of another system', () => {
  test.each(Object.entries(foreignVectors))('matches only its own password: %s', (_, { hash, password }) => {
    const { scheme, salt, digest } = read(hash)
    expect(deriveForeign(scheme, salt, password)).toEqual(digest)
    expect(deriveForeign(scheme, salt, `${password}x`)).not.toEqual(digest)
  })

  test.each(Object.entries(foreignVectors))('has a name with all its cost parameters: %s', (_, { hash }) => {
    const { scheme } = read(hash)
    expect(parseScheme(nameScheme(scheme))).toEqual(scheme)
  })

  test.each([
    ['$argon2id$v=19$m=102400,t=2,p=8$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc', 'hash_too_costly'],
    ['$2b$15$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW', 'hash_too_costly'],
    ['$2b$03$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW', 'hash_too_costly'],
    ['pbkdf2_sha256$1800001$seasalt$wJSpLMQRQz0Dhj/pFpbyjMj71B2gUYp6HJS5AU+32Ac=', 'hash_too_costly'],
    ['pbkdf2_sha1$900001$seasalt$wJSpLMQRQz0Dhj/pFpbyjMj71B2gUYp6HJS5AU+32Ac=', 'hash_too_costly'],
    [foreignVectors.Firebase?.hash.replace('n=14', 'n=16') ?? '', 'hash_too_costly'],
    [foreignVectors.Firebase?.hash.replace('r=8', 'r=33') ?? '', 'hash_too_costly'],
    // Keyed with a secret or data that only the other system has, like the hashes of this service.
    ['$argon2id$v=19$m=256,t=2,p=2,keyid=1$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc', 'hash_keyed'],
    ['$argon2id$v=19$m=256,t=2,p=2,keyid=1,ad=1$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc', 'hash_keyed'],
    ['$argon2id$v=19$m=256,t=2,p=2,data=MTIz$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc', 'hash_keyed'],
    ['$argon2id$v=19$ad=1,m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc', 'hash_keyed'],
    ['imported:bcrypt-4-23:AAAA$argon2id$v=19$m=64,t=1,p=1,keyid=1,ad=1$c29tZXNhbHQ$c29tZXNhbHQ', 'hash_keyed'],
    // A duplicate parameter, or an unknown one.
    ['$argon2id$v=19$m=256,m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc', 'hash_malformed'],
    ['$argon2id$v=19$m=256,t=2,t=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc', 'hash_malformed'],
    ['$argon2id$v=19$m=256,t=2,p=2,x=1$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc', 'hash_malformed'],
    // The version before 1.3 is another function.
    ['$argon2id$v=16$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc', 'hash_malformed'],
    ['$2b$10$92IXUNpkjO0rOQ5byMi.Ye4oKoEa3Ro9llC', 'hash_malformed'],
    ['pbkdf2_sha256$870000$seasalt$', 'hash_malformed'],
    // Spare bits that no encoder sets, a salt of 65 bytes, and a digest of 129 bytes.
    ['pbkdf2_sha256$870000$seasalt$wJSpLMQRQz0Dhj/pFpbyjMj71B2gUYp6HJS5AU+32Ad=', 'hash_malformed'],
    [django({ saltBytes: 65, digestBytes: 32 }), 'hash_malformed'],
    [django({ saltBytes: 8, digestBytes: 129 }), 'hash_malformed'],
    ['000102:0405', 'hash_malformed'],
    ['AAABAgMEBQYHCAkKCwwNDg+ukCEMDf0yyQ29NYubggE=', 'hash_malformed'],
    ['AQAAAAIAAAAyAAAAEOMwvh3+FZxqkdMBz2ekgGhwQ4A=', 'hash_malformed'],
    // The faulty bcrypt of PHP before 5.3.7, MD5-crypt, an empty text, and a password in plain text.
    ['$2x$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW', 'hash_unsupported'],
    ['$1$abcdefgh$Hn2FvJ6dKq9d4tX0D1u7X.', 'hash_unsupported'],
    ['', 'hash_unsupported'],
    ['correct horse battery staple', 'hash_unsupported'],
  ])('P5 is refused when it cannot be compared here: %s', (hash, reason) => {
    expect(parseForeignHash(hash)).toBe(reason)
  })

  test.each([
    ['Django', `bcrypt${'$'}${foreignVectors['bcrypt $2a$']?.hash}`],
    ['Spring', `{bcrypt}${foreignVectors['bcrypt $2a$']?.hash}`],
    ['Django', `argon2${foreignVectors['argon2i of PHP']?.hash}`],
    ['Spring', `{argon2}${foreignVectors['argon2i of PHP']?.hash}`],
  ])('is read after the prefix of %s: %s', (_, hash) => {
    expect(read(hash)).toEqual(read(hash.replace(/^[^$]+\${1,2}/, '$')))
  })

  test('P5 may have a salt of 64 bytes and a digest of 128', () => {
    expect(read(django({ saltBytes: 64, digestBytes: 128 })).digest).toHaveLength(128)
  })

  test.each(Object.entries(foreignVectors))(
    'is read consistently or refused when damaged in any way: %s',
    (_, { hash }) => {
      for (const mutant of mutations(hash, 300)) {
        const parsed = parseForeignHash(mutant)
        if (typeof parsed !== 'string') expect(parseScheme(nameScheme(parsed.scheme))).toEqual(parsed.scheme)
      }
    },
  )
})

describe('the cost of a comparison', () => {
  test.each([
    ...['bcrypt-4-23', 'bcrypt-14-23', 'scrypt-13-32-64', 'firebase-18-1-64'],
    ...['pbkdf2-sha1-1800000-20', 'pbkdf2-sha256-1800000-32', 'pbkdf2-sha512-400000-64', 'pbkdf2-sha1-1-20'],
  ])('P5 may be that of %s', (name) => {
    expect(parseScheme(name)).toBeDefined()
  })

  test.each([
    ...['bcrypt-3-23', 'bcrypt-15-23', 'scrypt-12-33-64', 'scrypt-14-17-64', 'firebase-19-1-64', 'scrypt-1-0-64'],
    ...['pbkdf2-sha1-1800001-20', 'pbkdf2-sha256-1800001-32', 'pbkdf2-sha512-400001-64', 'pbkdf2-sha1-0-20'],
    ...['pbkdf2-sha1-900001-21', 'pbkdf2-sha256-900001-33', 'pbkdf2-sha512-200001-65'],
  ])('P5 may not be that of %s', (name) => {
    expect(parseScheme(name)).toBeUndefined()
  })
})

describe('an imported hash', () => {
  test.each(Object.entries(foreignVectors))('P4 is stored under the pepper, and matches: %s', async (_, vector) => {
    const [passwords, stolen] = [await passwordsOf(1), await passwordsOf(2)]
    const foreign = read(vector.hash)
    const stored = runToEnd(passwords.adopt(foreign, USER))
    expect(stored).toMatch(/^imported:[a-z0-9-]+:[\w-]+\$argon2id\$v=19\$m=64,t=1,p=1,keyid=1,ad=1\$/)
    for (const encoding of ['base64', 'base64url', 'hex'] as const)
      expect(stored).not.toContain(Buffer.from(foreign.digest).toString(encoding).replaceAll('=', ''))
    expect(runToEnd(passwords.check(vector.password, rowOf(stored)))).toEqual({ matches: true, needsRehash: true })
    expect(runToEnd(passwords.check(vector.password, rowOf(stored, OTHER_USER))).matches).toBe(false)
    expect(runToEnd(stolen.check(vector.password, rowOf(stored))).matches).toBe(false)
  })

  // PHP's Argon2 vector takes a second. That of the reference implementation covers the same format.
  test.each(Object.entries(foreignVectors).filter(([name]) => name !== 'argon2i of PHP'))(
    'P4 is replaced only after the password that was hashed, never after another that also matches: %s',
    async (_, { hash, password }) => {
      const passwords = await passwordsOf(1)
      const stored = runToEnd(passwords.adopt(read(hash), USER))
      const aliases = [`${password}\0`, `${password}\0${password}`]
      for (const alias of aliases)
        expect(runToEnd(passwords.check(alias, rowOf(stored))).needsRehash, alias).toBe(false)
    },
  )

  test.each([
    ['x'.repeat(71), 'x'.repeat(71), true],
    ['ß'.repeat(35), 'ß'.repeat(35), true],
    // The chosen password may be longer than the submitted one.
    ['x'.repeat(72), 'x'.repeat(72), false],
    ['x'.repeat(80), 'x'.repeat(72), false],
    ['x'.repeat(80), 'x'.repeat(80), false],
    ['x'.repeat(80), `${'x'.repeat(72)}another tail`, false],
    ['ß'.repeat(40), `${'ß'.repeat(36)}another tail`, false],
  ])(
    'P4 of bcrypt is kept when the submitted password has 72 bytes or more: %s with %s',
    async (chosen, typed, needsRehash) => {
      const passwords = await passwordsOf(1)
      const stored = runToEnd(passwords.adopt(read(bcryptOf(chosen, 4)), USER))
      expect(runToEnd(passwords.check(typed, rowOf(stored)))).toEqual({ matches: true, needsRehash })
    },
  )

  test('P4 of better-auth is kept when another spelling of the submitted password also matches', async () => {
    const passwords = await passwordsOf(1)
    const scheme = { name: 'scrypt', logN: 4, blockSize: 1, length: 64 } as const
    const salt = new Uint8Array(16)
    const digest = new Uint8Array(deriveForeign(scheme, salt, 'fiancé 12'))
    const stored = runToEnd(passwords.adopt({ scheme, salt, digest }, USER))
    for (const typed of ['ﬁancé 12', 'fiancé １２'])
      expect(runToEnd(passwords.check(typed, rowOf(stored))), typed).toEqual({ matches: true, needsRehash: false })
    for (const typed of ['fiancé 12', 'fiancé 12'.normalize('NFD')])
      expect(runToEnd(passwords.check(typed, rowOf(stored))), typed).toEqual({ matches: true, needsRehash: true })
  })

  test('P4 matches under an old pepper while it is configured', async () => {
    const { hash, password } = foreignVectors['ASP.NET Identity 2'] ?? { hash: '', password: '' }
    const stored = runToEnd((await passwordsOf(1)).adopt(read(hash), USER))
    expect(runToEnd((await passwordsOf(2, 1)).check(password, rowOf(stored)))).toEqual({
      matches: true,
      needsRehash: true,
    })
  })

  test('matches neither a wrong password nor the other system’s hash itself', async () => {
    const passwords = await passwordsOf(1)
    const { hash } = foreignVectors['ASP.NET Identity 2'] ?? { hash: '' }
    const stored = runToEnd(passwords.adopt(read(hash), USER))
    const digest = Buffer.from(read(hash).digest).toString('base64url')
    for (const guess of ['wrong', '', hash, digest, stored, '\0', '\ud800', 'x'.repeat(4096)])
      expect(runToEnd(passwords.check(guess, rowOf(stored)))).toEqual({ matches: false, needsRehash: false })
  })

  test.each([
    ['imported:bcrypt-31-23:AAAAAAAAAAAAAAAAAAAAAA', 'a bcrypt of an hour'],
    ['imported:scrypt-30-16-64:AAAA', 'an scrypt of 2 TiB'],
    ['imported:pbkdf2-sha256-9999999-32:AAAA', 'ten million rounds'],
    ['imported:argon2id-99999-9-1-32:AAAAAAAAAAA', 'an Argon2 of 99 MB'],
    ['imported:rot13-1-1:AAAA', 'an unknown scheme'],
    ['imported:bcrypt-04-23:AAAA', 'another spelling'],
  ])('P5 that an attacker made too costly matches no password: %s (%s)', async (prefix) => {
    const passwords = await passwordsOf(1)
    const stored = prefix + runToEnd(passwords.hash('password', USER))
    expect(parseImportedHash(stored)).toBeUndefined()
    expect(runToEnd(passwords.check('password', rowOf(stored)))).toEqual({ matches: false, needsRehash: false })
  })
})

describe('a decoy', () => {
  test.each(['bcrypt-4-23', 'pbkdf2-sha1-1000-32', 'scrypt-4-1-64', 'firebase-4-1-64', 'argon2i-64-1-1-32'])(
    'E1 that imitates an imported hash computes the same scheme: %s',
    async (scheme) => {
      const derived: string[] = []
      const passwords = keyPasswords({
        hasher: createPasswordHasher(argon2id),
        ring: await ringOf(1),
        params,
        deriveForeign: (wanted, salt, password) => {
          derived.push(nameScheme(wanted))
          return inSlices(wanted, salt, password)
        },
      })
      const cost = `${scheme}+m=64,t=1,p=1`
      expect(runToEnd(passwords.check('password', null, cost))).toEqual({ matches: false, needsRehash: false })
      expect(derived).toEqual([scheme])
      // A stored hash is compared as it is; the cost of the decoy is ignored.
      const own = runToEnd(passwords.hash('password', USER))
      expect(runToEnd(passwords.check('password', rowOf(own), cost)).matches).toBe(true)
      expect(derived).toEqual([scheme])
    },
  )
})

test('E1 a decoy calls Argon2id with the same parameters as the hashes that it imitates', async () => {
  const inputs: unknown[] = []
  const counting: Argon2id = (input) => {
    inputs.push([input.memoryKib, input.iterations, input.parallelism, input.associatedData?.length])
    return argon2id(input)
  }
  const hasher = createPasswordHasher(counting)
  const passwords = keyPasswords({ hasher, ring: await ringOf(1), params, deriveForeign: inSlices })
  for (const cost of ['m=128,t=2,p=1', 'bcrypt-4-23+m=256,t=1,p=1', 'm=9999999,t=1,p=1', undefined])
    expect(runToEnd(passwords.check('password', null, cost))).toEqual({ matches: false, needsRehash: false })
  expect(inputs).toEqual([
    [128, 2, 1, 36],
    [256, 1, 1, 36],
    [64, 1, 1, 36],
    [64, 1, 1, 36],
  ])
})

/** A hash in Django's format with the given lengths. */
function django({ saltBytes, digestBytes }: { saltBytes: number; digestBytes: number }): string {
  return `pbkdf2_sha256$1000$${'s'.repeat(saltBytes)}$${Buffer.alloc(digestBytes, 7).toString('base64')}`
}
