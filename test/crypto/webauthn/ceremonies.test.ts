import { describe, expect, it } from 'vitest'
import { publicKeySchema } from '../../../src/crypto/webauthn/public-key.ts'
import { assertionResponseSchema, registrationResponseSchema } from '../../../src/crypto/webauthn/responses.ts'
import { verifyAssertion } from '../../../src/crypto/webauthn/verify-assertion.ts'
import { verifyRegistration } from '../../../src/crypto/webauthn/verify-registration.ts'
import { newAuthenticator } from '../../support/authenticator.ts'
import { creationOptions, expected, ORIGIN, requestOptions } from './options.ts'

describe('a ceremony', () => {
  it.each([-7, -8, -257] as const)('registers and proves a passkey with algorithm %i', async (algorithm) => {
    const authenticator = newAuthenticator({ origin: ORIGIN, algorithms: [algorithm] })
    const created = registrationResponseSchema.parse(await authenticator.create(creationOptions))
    const registered = await verifyRegistration(created, expected)
    expect(registered).toEqual({
      ok: true,
      credentialId: created.id,
      publicKey: expect.objectContaining({ alg: algorithm }),
      signCount: 0,
      isUserVerified: true,
      isBackupEligible: true,
      isBackedUp: true,
      aaguid: 'fbfc3007-154e-4ecc-8c0b-6e020557d7bd',
      transports: ['hybrid', 'internal'],
    })
    if (!registered.ok) return
    const publicKey = publicKeySchema.parse(JSON.parse(JSON.stringify(registered.publicKey)))
    const asserted = assertionResponseSchema.parse(await authenticator.get(requestOptions))
    expect(asserted.response.userHandle).toBe(creationOptions.user.id)
    const proven = await verifyAssertion(asserted, { publicKey, isBackupEligible: true }, expected)
    expect(proven).toEqual({ ok: true, signCount: 0, isUserVerified: true, isBackedUp: true })
  })
})
