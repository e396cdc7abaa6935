import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodePasswordHash, isAffordable, parsePasswordHash } from '../../src/crypto/phc.ts'

const SALT = 'BwcHBwcHBwcHBwcHBwcHBw'
const TAG = 'CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk'
const PHC = `$argon2id$v=19$m=19456,t=2,p=1,keyid=2$${SALT}$${TAG}`

const passwordHashes = fc.record({
  params: fc
    .record({ memoryKib: fc.integer({ min: 8, max: 65_536 }), iterations: fc.nat(10), parallelism: fc.nat(4) })
    .filter(isAffordable),
  keyId: fc.stringMatching(/^[A-Za-z0-9/+.-]{1,32}$/),
  isBound: fc.boolean(),
  salt: fc.uint8Array({ minLength: 8, maxLength: 64 }),
  tag: fc.uint8Array({ minLength: 16, maxLength: 64 }),
})

describe('a PHC string', () => {
  it('is parsed into its parts', () => {
    expect(parsePasswordHash(PHC)).toEqual({
      params: { memoryKib: 19_456, iterations: 2, parallelism: 1 },
      keyId: '2',
      isBound: false,
      salt: new Uint8Array(16).fill(7),
      tag: new Uint8Array(32).fill(9),
    })
  })

  it('shows whether it is bound to its user', () => {
    expect(parsePasswordHash(PHC.replace('keyid=2', 'keyid=2,ad=1'))?.isBound).toBe(true)
  })

  it('is parsed into the parts it was written from', () => {
    const property = fc.property(passwordHashes, (hash) => {
      expect(parsePasswordHash(encodePasswordHash(hash))).toEqual(hash)
    })
    fc.assert(property)
  })

  it.each([
    ['65,536 KiB', 'm=65536,t=4,p=1'],
    ['ten passes', 'm=26214,t=10,p=1'],
    ['four lanes', 'm=32,t=1,p=4'],
  ])('may have %s (P5)', (_, parameters) => {
    expect(parsePasswordHash(PHC.replace('m=19456,t=2,p=1', parameters))).toBeDefined()
  })

  it.each([
    ['more memory times passes than a sign-in may cost', PHC.replace('m=19456,t=2', 'm=26215,t=10')],
    ['one KiB times one pass more than that', PHC.replace('m=19456,t=2', 'm=52429,t=5')],
    ['eleven passes', PHC.replace('t=2', 't=11')],
    ['five lanes', PHC.replace('p=1', 'p=5')],
    ['less than eight blocks a lane', PHC.replace('m=19456,t=2,p=1', 'm=31,t=2,p=4')],
    ['another version', PHC.replace('v=19', 'v=16')],
    ['no key id', PHC.replace(',keyid=2', '')],
    ['a key id of 33 characters', PHC.replace('keyid=2', `keyid=${'2'.repeat(33)}`)],
    ['other associated data', PHC.replace('keyid=2', 'keyid=2,ad=2')],
    ['associated data in the hash itself', PHC.replace('keyid=2', 'keyid=2,data=AAAA')],
    ['associated data twice', PHC.replace('keyid=2', 'keyid=2,ad=1,ad=1')],
    ['ad=0', PHC.replace('keyid=2', 'keyid=2,ad=0')],
    ['associated data before the key id', PHC.replace('keyid=2', 'ad=1,keyid=2')],
    ['a leading zero', PHC.replace('t=2', 't=02')],
    ['parameters in another order', PHC.replace('m=19456,t=2', 't=2,m=19456')],
    ['base64 with padding', `${PHC}=`],
    ['base64url', PHC.replace(TAG, TAG.replace('C', '_'))],
    ['spare bits after the last byte', PHC.replace(/k$/, 'l')],
    ['a salt of seven bytes', PHC.replace(SALT, 'BwcHBwcHBw')],
    ['a salt of 65 bytes', PHC.replace(SALT, `${'B'.repeat(86)}A`)],
    ['a tag of 15 bytes', PHC.replace(TAG, 'C'.repeat(20))],
    ['a tag of 65 bytes', PHC.replace(TAG, `${'C'.repeat(86)}A`)],
    ['a length that no bytes encode to', PHC.replace(TAG, 'C'.repeat(25))],
    ['a line feed after it', `${PHC}\n`],
    ['a space before it', ` ${PHC}`],
  ])('is refused with %s (P5)', (_, phc) => {
    expect(phc).not.toBe(PHC)
    expect(parsePasswordHash(phc)).toBeUndefined()
  })
})
