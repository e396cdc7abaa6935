import { describe, expect, it } from 'vitest'
import argon2 from '../../src/crypto/argon2id/argon2.wasm'
import blake2b from '../../src/crypto/argon2id/blake2b.wasm'
import { instantiateEngine } from '../../src/crypto/argon2id/engine.ts'
import { argon2id } from '../../src/crypto/argon2id/index.ts'
import type { Argon2idInput } from '../../src/crypto/argon2id/parameters.ts'
import simd from '../../src/crypto/argon2id/simd.wasm'
import { runToEnd } from '../../src/crypto/hash-queue/cooperative.ts'
import { argon2id as quickForTestUsers } from '../support/quick-argon2id.ts'
import { newTestUserSalt } from '../support/test-user-salt.ts'
import { RFC_9106_VECTOR } from './argon2id-cases.ts'
import { describeArgon2id } from './argon2id-contract.ts'

describe('Argon2id in workerd', () => {
  describe('on our own kernel', () => describeArgon2id('simd', () => ({ argon2, blake2b, simd })))
  describe("on hash-wasm's kernel", () => describeArgon2id('hash-wasm', () => ({ argon2, blake2b })))

  it("falls back to hash-wasm's kernel if ours cannot be instantiated", () => {
    expect(instantiateEngine({ argon2, blake2b, simd: blake2b }).matrix.kernel).toBe('hash-wasm')
  })

  it('works with the bundled modules', () => {
    expect(Buffer.from(runToEnd(argon2id(RFC_9106_VECTOR.input))).toString('hex')).toBe(RFC_9106_VECTOR.tag)
  })
})

describe('the stand-in for salts of test users', () => {
  const tagOf = (input: Argon2idInput) => Buffer.from(runToEnd(quickForTestUsers(input))).toString('hex')
  const ofTestUser = { ...RFC_9106_VECTOR.input, salt: newTestUserSalt() }

  it('is the real Argon2id for every other salt', () => {
    expect(tagOf(RFC_9106_VECTOR.input)).toBe(RFC_9106_VECTOR.tag)
  })

  it.each<[string, Partial<Argon2idInput>]>([
    ['password', { password: new Uint8Array(32) }],
    ['salt', { salt: newTestUserSalt() }],
    ['secret', { secret: new Uint8Array(8) }],
    ['associated data', { associatedData: new Uint8Array(12) }],
    ['memory', { memoryKib: 64 }],
    ['passes', { iterations: 4 }],
    ['lanes', { parallelism: 1 }],
  ])('gives one tag for one input, and another for another %s', (_, other) => {
    expect(tagOf(ofTestUser)).toBe(tagOf(ofTestUser))
    expect(tagOf({ ...ofTestUser, ...other })).not.toBe(tagOf(ofTestUser))
  })
})
