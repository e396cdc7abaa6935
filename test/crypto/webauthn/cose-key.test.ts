import { encodeCBOR } from '@levischuck/tiny-cbor'
import { describe, expect, it } from 'vitest'
import { toBase64url } from '../../../src/crypto/encoding.ts'
import { readCoseKey } from '../../../src/crypto/webauthn/cose-key.ts'

type Members = readonly (readonly [number, Parameters<typeof encodeCBOR>[0]])[]

/** Reads a key with some members replaced. */
const read = (key: Members, changes: Members = []) =>
  readCoseKey(new Uint8Array(encodeCBOR(new Map([...key, ...changes]))), [-7, -8, -257, -35])

/** Bytes of a length that begin with one byte, and are otherwise ones. */
function number(length: number, first: number): Uint8Array {
  const bytes = new Uint8Array(length).fill(1)
  bytes[0] = first
  return bytes
}

const p256: Members = [
  [1, 2],
  [3, -7],
  [-1, 1],
  [-2, number(32, 1)],
  [-3, number(32, 2)],
]
const ed25519: Members = [
  [1, 1],
  [3, -8],
  [-1, 6],
  [-2, number(32, 1)],
]
const rsa: Members = [
  [1, 3],
  [3, -257],
  [-1, number(256, 0x80)],
  [-2, new Uint8Array([1, 0, 1])],
]

describe('a COSE key', () => {
  it('is read as a JWK', () => {
    const x = toBase64url(number(32, 1))
    const jwk = { kty: 'EC', crv: 'P-256', x, y: toBase64url(number(32, 2)) }
    expect(read(p256)).toEqual({ alg: -7, jwk })
    expect(read(ed25519)).toEqual({ alg: -8, jwk: { kty: 'OKP', crv: 'Ed25519', x } })
    const n = toBase64url(number(256, 0x80))
    expect(read(rsa)).toEqual({ alg: -257, jwk: { kty: 'RSA', n, e: 'AQAB' } })
  })

  it.each([
    [256, 0x80],
    [257, 0x01],
    [436, 0x03],
    [512, 0xff],
  ])('may be an RSA key of %i bytes that begin with %i', (length, first) => {
    expect(read(rsa, [[-1, number(length, first)]])).toMatchObject({ alg: -257 })
  })

  it.each([
    ['P-256 with the type of Ed25519', p256, [[1, 1]]],
    ['P-256 without a curve', p256, [[-1, null]]],
    ['P-256 with a short x', p256, [[-2, number(31, 1)]]],
    ['P-256 with a long y', p256, [[-3, number(33, 1)]]],
    ['P-256 with the sign of y', p256, [[-3, true]]],
    ['Ed25519 with the type of P-256', ed25519, [[1, 2]]],
    ['Ed25519 with the curve X25519', ed25519, [[-1, 4]]],
    ['Ed448', ed25519, [[-1, 7]]],
    ['Ed25519 with a long x', ed25519, [[-2, number(57, 1)]]],
    ['Ed25519 with x as text', ed25519, [[-2, 'x'.repeat(32)]]],
    ['RSA with another type', rsa, [[1, 2]]],
    ['RSA with 2047 bits', rsa, [[-1, number(256, 0x7f)]]],
    ['RSA with 2040 bits', rsa, [[-1, number(255, 0xff)]]],
    ['RSA with more than 4096 bits', rsa, [[-1, number(513, 1)]]],
    ['RSA with a zero in front', rsa, [[-1, number(257, 0)]]],
    ['RSA without a modulus', rsa, [[-1, new Uint8Array()]]],
    ['RSA with a modulus in text', rsa, [[-1, 'n'.repeat(300)]]],
    ['RSA with the exponent 3', rsa, [[-2, new Uint8Array([3])]]],
    ['RSA with the exponent 65539', rsa, [[-2, new Uint8Array([1, 0, 3])]]],
    ['RSA with a longer exponent', rsa, [[-2, new Uint8Array([0, 1, 0, 1])]]],
  ] as [string, Members, Members][])('is refused: %s', (_, key, changes) => {
    expect(() => read(key, changes)).toThrow('public_key')
  })

  it.each([-35, -36, -65535, 7, null, 'ES256'])('is refused for the algorithm %s', (alg) => {
    expect(() => read(p256, [[3, alg]])).toThrow('algorithm')
  })
})
