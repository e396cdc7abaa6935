import { pbkdf2Sync, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sha1 } from '@noble/hashes/legacy.js'
import { sha256, sha512 } from '@noble/hashes/sha2.js'
import {
  argon2d,
  argon2i,
  argon2id as argon2idOf,
  bcrypt,
  createSHA1,
  createSHA256,
  createSHA512,
  pbkdf2,
  scrypt,
} from 'hash-wasm'
import { describe, expect, test } from 'vitest'
import { ARGON2ID_DIRECTORY } from '../../scripts/extract-argon2id.ts'
import { createArgon2id } from '../../src/crypto/argon2id/driver.ts'
import { MAX_MEMORY_KIB } from '../../src/crypto/argon2id/parameters.ts'
import { runToEnd } from '../../src/crypto/hash-queue/cooperative.ts'
import { createDeriveForeign } from '../../src/crypto/passwords/foreign/derive.ts'
import { parseForeignHash } from '../../src/crypto/passwords/foreign/parse-hash.ts'
import { pbkdf2InSlices } from '../../src/crypto/passwords/foreign/pbkdf2.ts'
import { foreignVectors, slowVectors } from '../crypto/passwords/foreign/vectors.ts'
import { compileWasm } from './compile-wasm.ts'

const compile = (name: string) => compileWasm(readFileSync(join(ARGON2ID_DIRECTORY, `${name}.wasm`)))
const argon2id = createArgon2id({ argon2: compile('argon2'), blake2b: compile('blake2b') }, MAX_MEMORY_KIB)
const inSlices = createDeriveForeign(argon2id)
const deriveForeign = (...input: Parameters<typeof inSlices>) => runToEnd(inSlices(...input))

function expectMatch(text: string, password: string): void {
  const hash = parseForeignHash(text)
  if (typeof hash === 'string') throw new Error(`${hash}: ${text}`)
  expect(deriveForeign(hash.scheme, hash.salt, password), text).toEqual(hash.digest)
}

const PASSWORDS = ['password', '', 'pässword ☃ 🔑', 'a', 'x'.repeat(71), 'x'.repeat(72), 'ß'.repeat(36)]
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')

// hash-wasm shares no code with the tested libraries, except Argon2's kernel, which the tests of Argon2id
// compare with OpenSSL.
describe('hashes made by another library, of random salts', () => {
  test.each(PASSWORDS.filter((password) => password !== ''))('bcrypt: %s', async (password) => {
    expectMatch(await bcrypt({ password, salt: randomBytes(16), costFactor: 4 }), password)
  })

  test('bcrypt of the first 72 bytes, as everywhere', async () => {
    const hash = await bcrypt({ password: 'x'.repeat(72), salt: randomBytes(16), costFactor: 4 })
    expectMatch(hash, `${'x'.repeat(72)}and more`)
  })

  test.each(Object.entries({ argon2i, argon2d, argon2id: argon2idOf }))('%s', async (_, hash) => {
    for (const password of PASSWORDS.filter((text) => text !== '')) {
      const cost = { iterations: 2, parallelism: 2, memorySize: 64, hashLength: 32 }
      expectMatch(await hash({ password, salt: randomBytes(16), ...cost, outputType: 'encoded' }), password)
    }
  })

  test('scrypt as better-auth writes it', async () => {
    const salt = randomBytes(16).toString('hex')
    const cost = { costFactor: 16_384, blockSize: 16, parallelism: 1, hashLength: 64 }
    const key = await scrypt({ password: 'ﬁancé'.normalize('NFKC'), salt, ...cost })
    expectMatch(`${salt}:${key}`, 'ﬁancé')
  })

  test.each([
    ['sha1', createSHA1, 20],
    ['sha256', createSHA256, 32],
  ] as const)('PBKDF2 with %s as Django writes it', async (name, create, hashLength) => {
    for (const password of PASSWORDS) {
      const hash = await pbkdf2({
        password,
        salt: 'mkgsSzZX4ssQxK',
        iterations: 1000,
        hashLength,
        hashFunction: create(),
        outputType: 'binary',
      })
      expectMatch(`pbkdf2_${name}$1000$mkgsSzZX4ssQxK$${base64(hash)}`, password)
    }
  })

  test('PBKDF2 with SHA-1 as ASP.NET Identity 2 writes it, whatever the salt begins with', async () => {
    for (let first = 0; first < 256; first += 15) {
      const salt = Buffer.concat([Buffer.from([first]), randomBytes(15)])
      const hash = await pbkdf2({
        password: 'pässword',
        salt,
        iterations: 1000,
        hashLength: 32,
        hashFunction: createSHA1(),
        outputType: 'binary',
      })
      expectMatch(base64(Buffer.concat([Buffer.from([0]), salt, hash])), 'pässword')
    }
  })

  test('PBKDF2 with SHA-512 as ASP.NET writes it', async () => {
    const salt = randomBytes(16)
    const hash = await pbkdf2({
      password: 'pässword',
      salt,
      iterations: 1000,
      hashLength: 32,
      hashFunction: createSHA512(),
      outputType: 'binary',
    })
    const header = Buffer.from([1, 0, 0, 0, 2, 0, 0, 3, 232, 0, 0, 0, 16])
    expectMatch(base64(Buffer.concat([header, salt, hash])), 'pässword')
  })
})

describe('PBKDF2 of more rounds than the platform does', () => {
  test.each([
    ['sha1', () => pbkdf2InSlices(sha1, input(50))],
    ['sha256', () => pbkdf2InSlices(sha256, input(80))],
    ['sha512', () => pbkdf2InSlices(sha512, input(64))],
  ] as const)('is what OpenSSL computes with %s', (name, compute) => {
    const length = { sha1: 50, sha256: 80, sha512: 64 }[name]
    expect(runToEnd(compute())).toEqual(new Uint8Array(pbkdf2Sync(PASSWORDS[2] ?? '', 'salt', 1234, length, name)))
  })

  test('lets others in between its slices', () => {
    const work = pbkdf2InSlices(sha256, input(32))
    expect([work.next().done, work.next().done, work.next().done]).toEqual([false, false, true])
  })

  const input = (length: number) => ({
    password: new TextEncoder().encode(PASSWORDS[2]),
    salt: new TextEncoder().encode('salt'),
    iterations: 1234,
    length,
  })
})

describe('published hashes', () => {
  test.each(Object.entries({ ...foreignVectors, ...slowVectors }))('match in Node as in workerd: %s', (_, vector) => {
    expectMatch(vector.hash, vector.password)
  })
})
