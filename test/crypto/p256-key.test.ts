import { createECDH } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { deriveBytes, type VersionKeys } from '../../src/crypto/key-ring.ts'
import { deriveP256KeyPair, reduceToScalar } from '../../src/crypto/p256-key.ts'
import { ringOf } from '../support/keys.ts'

/** SP 800-186 section 3.2.1.3. */
const ORDER = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551')
const MESSAGE = new TextEncoder().encode('message')
const ECDSA = { name: 'ECDSA', hash: 'SHA-256' }

const wideOf = (integer: bigint) => new Uint8Array(Buffer.from(integer.toString(16).padStart(96, '0'), 'hex'))
const scalarOf = (integer: bigint) => integer.toString(16).padStart(64, '0')

let keys: VersionKeys

beforeAll(async () => {
  keys = (await ringOf(1)).newest
})

describe('a scalar', () => {
  it.each([
    ['1 for all zeros', 0n, 1n],
    ['2 for one', 1n, 2n],
    ['n - 1, the largest, for n - 2', ORDER - 2n, ORDER - 1n],
    ['1 for n - 1: never 0 and never n', ORDER - 1n, 1n],
    ['2 for n', ORDER, 2n],
    ['taken modulo n - 1 for all ones', 2n ** 384n - 1n, ((2n ** 384n - 1n) % (ORDER - 1n)) + 1n],
  ])('is %s', (_, wide, scalar) => {
    expect(reduceToScalar(wideOf(wide))).toBe(scalarOf(scalar))
  })

  it('is between 1 and n - 1 for any bytes', () => {
    for (let round = 0; round < 2000; round++) {
      const scalar = reduceToScalar(crypto.getRandomValues(new Uint8Array(48)))
      expect(scalar).toHaveLength(64)
      const integer = BigInt(`0x${scalar}`)
      expect(integer > 0n && integer < ORDER).toBe(true)
    }
  })
})

describe('a key pair', () => {
  it('has the public point that an independent implementation computes for its scalar', async () => {
    for (const purpose of ['jwt/2026-01', 'jwt/2026-02', 'audit']) {
      const { publicJwk } = await deriveP256KeyPair(keys.root, purpose)
      const ecdh = createECDH('prime256v1')
      ecdh.setPrivateKey(reduceToScalar(await deriveBytes(keys.root, purpose, 48)), 'hex')
      const point = ecdh.getPublicKey()
      expect(publicJwk).toEqual({
        kty: 'EC',
        crv: 'P-256',
        x: point.subarray(1, 33).toString('base64url'),
        y: point.subarray(33).toString('base64url'),
      })
    }
  })

  it('creates signatures that only its own public key verifies', async () => {
    const [own, other] = await Promise.all([deriveP256KeyPair(keys.root, 'a'), deriveP256KeyPair(keys.root, 'b')])
    const signature = await crypto.subtle.sign(ECDSA, own.privateKey, MESSAGE)
    expect(await crypto.subtle.verify(ECDSA, own.publicKey, signature, MESSAGE)).toBe(true)
    expect(await crypto.subtle.verify(ECDSA, other.publicKey, signature, MESSAGE)).toBe(false)
  })

  it('is the same each time, and its private key cannot be exported', async () => {
    const [first, second] = await Promise.all([deriveP256KeyPair(keys.root, 'a'), deriveP256KeyPair(keys.root, 'a')])
    expect(first.publicJwk).toEqual(second.publicJwk)
    expect(first.privateKey.extractable).toBe(false)
    await expect(crypto.subtle.exportKey('pkcs8', first.privateKey)).rejects.toThrow()
  })
})
