import { describe, expect, it } from 'vitest'
import argon2 from '../../src/crypto/argon2id/argon2.wasm'
import blake2b from '../../src/crypto/argon2id/blake2b.wasm'
import { argon2id } from '../../src/crypto/argon2id/index.ts'
import { RFC_9106_VECTOR } from './argon2id-cases.ts'
import { describeArgon2id } from './argon2id-contract.ts'

describe('Argon2id in workerd', () => {
  describeArgon2id(() => ({ argon2, blake2b }))

  it('is ready to use over the bundled modules', () => {
    expect(Buffer.from(argon2id(RFC_9106_VECTOR.input)).toString('hex')).toBe(RFC_9106_VECTOR.tag)
  })
})
