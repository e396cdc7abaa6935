import { beforeAll, describe, expect, it } from 'vitest'
import { type Bytes, toBase64url } from '../../../src/crypto/encoding.ts'
import type { PublicKey } from '../../../src/crypto/webauthn/public-key.ts'
import { verifyAssertion } from '../../../src/crypto/webauthn/verify-assertion.ts'
import { verifyRegistration } from '../../../src/crypto/webauthn/verify-registration.ts'
import { joined, newAuthenticator, type Variant } from '../../support/authenticator.ts'
import { creationOptions, expected, ORIGIN, requestOptions } from './options.ts'
import { alike, bytes, harmless, ofAssertion, ofRegistration } from './variants.ts'

describe('a registration', () => {
  const register = async (variant: Variant, changes: Partial<typeof expected> = {}, algorithm: -7 | -8 | -257 = -7) => {
    const authenticator = newAuthenticator({ origin: ORIGIN, algorithms: [algorithm] })
    return verifyRegistration(await authenticator.create(creationOptions, variant), { ...expected, ...changes })
  }

  it.each(alike)('W2 fails for %s', async (_, variant, failure) => {
    expect(await register(variant)).toEqual({ ok: false, failure })
  })

  it.each(ofRegistration)('W2 fails for %s', async (_, variant, failure) => {
    expect(await register(variant)).toEqual({ ok: false, failure })
  })

  it.each([-7, -8, -257] as const)('W2 fails for algorithm %i if it was not asked for', async (algorithm) => {
    const algorithms = expected.algorithms.filter((offered) => offered !== algorithm)
    expect(await register({}, { algorithms }, algorithm)).toEqual({ ok: false, failure: 'algorithm' })
  })

  it('W2 fails for an id that is not in the signed data', async () => {
    const created = await newAuthenticator({ origin: ORIGIN }).create(creationOptions)
    const id = toBase64url(new Uint8Array(20))
    for (const changed of [
      { ...created, id, rawId: id },
      { ...created, rawId: id },
    ])
      expect(await verifyRegistration(changed, expected)).toEqual({ ok: false, failure: 'credential_id' })
  })

  it.each([
    ['an RSA key of 1024 bits', [0x20, 0x59, 0x01, 0x00], 0x80],
    ['an RSA key with a zero in front', [0x20, 0x59, 0x01, 0x00], 0x00],
  ] as const)('W2 fails for %s', async (_, before, first) => {
    const coseKey = (key: Bytes): Bytes => {
      const at = key.findIndex((__, start) => before.every((byte, index) => key[start + index] === byte))
      const modulus = first === 0 ? joined([bytes(0), key.slice(at + 4, at + 259)]) : key.slice(at + 4, at + 132)
      const length = bytes(0x20, 0x59, modulus.length >> 8, modulus.length & 0xff)
      return joined([
        key.slice(0, at),
        modulus.length < 256 ? bytes(0x20, 0x58, 128) : length,
        modulus,
        key.slice(at + 260),
      ])
    }
    expect(await register({ coseKey }, {}, -257)).toEqual({ ok: false, failure: 'public_key' })
  })

  it.each(harmless)('succeeds with %s', async (_, variant) => {
    expect(await register(variant)).toMatchObject({ ok: true })
  })

  it('succeeds with an attestation that was not asked for', async () => {
    expect(await register({ attestation: 'packed' })).toMatchObject({ ok: true })
  })

  it('succeeds without presence and verification where neither is needed', async () => {
    const variant = { isUserPresent: false, isUserVerified: false }
    const changes = { needsUserPresence: false, needsUserVerification: false }
    expect(await register(variant, changes)).toMatchObject({ ok: true, isUserVerified: false })
  })

  it('keeps of the transports those that are names', async () => {
    const transports = ['usb', 'usb', '<b>', 'future-one', '']
    const created = await newAuthenticator({ origin: ORIGIN, transports }).create(creationOptions)
    expect(await verifyRegistration(created, expected)).toMatchObject({ transports: ['future-one', 'usb'] })
  })

  it('takes the key of the authenticator data, whatever key the body names', async () => {
    const [own, other] = await Promise.all(
      [1, 2].map(() => newAuthenticator({ origin: ORIGIN }).create(creationOptions)),
    )
    if (own === undefined || other === undefined) throw new Error('no answers')
    const mixed = { ...own, response: { ...own.response, publicKey: other.response.publicKey } }
    expect(await verifyRegistration(mixed, expected)).toEqual(await verifyRegistration(own, expected))
  })
})

describe('an assertion', () => {
  const authenticator = newAuthenticator({ origin: ORIGIN })
  let known: { publicKey: PublicKey; isBackupEligible: boolean }

  beforeAll(async () => {
    const registered = await verifyRegistration(await authenticator.create(creationOptions), expected)
    if (!registered.ok) throw new Error(registered.failure)
    known = registered
  })

  const prove = async (variant: Variant, changes: Partial<typeof expected> = {}) =>
    verifyAssertion(await authenticator.get(requestOptions, variant), known, { ...expected, ...changes })

  it.each(alike)('W2 fails for %s', async (_, variant, failure) => {
    expect(await prove(variant)).toEqual({ ok: false, failure })
  })

  it.each(ofAssertion)('W2 fails for %s', async (_, variant, failure) => {
    expect(await prove(variant)).toEqual({ ok: false, failure })
  })

  it('W2 fails for ids that differ', async () => {
    const asserted = await authenticator.get(requestOptions)
    expect(await verifyAssertion({ ...asserted, rawId: 'AA' }, known, expected)).toEqual({
      ok: false,
      failure: 'credential_id',
    })
  })

  it('W2 fails for the key of another passkey', async () => {
    const other = newAuthenticator({ origin: ORIGIN })
    await other.create(creationOptions)
    expect(await verifyAssertion(await other.get(requestOptions), known, expected)).toEqual({
      ok: false,
      failure: 'signature',
    })
  })

  it.each(harmless.filter(([, { isBackupEligible }]) => isBackupEligible !== false))(
    'succeeds with %s',
    async (_, variant) => {
      expect(await prove(variant)).toMatchObject({ ok: true })
    },
  )

  it('says that the person was not verified where that is not needed', async () => {
    expect(await prove({ isUserVerified: false }, { needsUserVerification: false })).toMatchObject({
      ok: true,
      isUserVerified: false,
    })
  })

  it('says what the counter is', async () => {
    expect(await prove({ signCount: 4_294_967_295 })).toMatchObject({ ok: true, signCount: 4_294_967_295 })
  })
})
