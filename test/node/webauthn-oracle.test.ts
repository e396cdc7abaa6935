import { describe, expect, it } from 'vitest'
import { verifyAssertion } from '../../src/crypto/webauthn/verify-assertion.ts'
import { verifyRegistration } from '../../src/crypto/webauthn/verify-registration.ts'
import { creationOptions, expected, ORIGIN, requestOptions } from '../crypto/webauthn/options.ts'
import { alike, harmless, ofAssertion, ofRegistration } from '../crypto/webauthn/variants.ts'
import { newAuthenticator, type Variant } from '../support/authenticator.ts'
import { oracleProves, oracleRegisters } from '../support/webauthn-oracle.ts'

/**
 * Registrations that SimpleWebAuthn accepts and this service refuses, each with the reason to be stricter.
 * There is none that only this service accepts.
 */
const stricterRegistrations: Readonly<Record<string, string>> = {
  'a frame of another origin': 'no page of this service is in a frame of another site',
  'a top origin': 'no page of this service is in a frame of another site',
  'a top origin that is this service': 'a top origin occurs in frames alone',
  'client data with a doubled member': 'parsers disagree on which member counts',
  'client data with `__proto__`': 'parsers disagree on what it means',
  'an id of 1024 bytes': 'step 25 of section 7.1',
  'a key without its last bytes': 'the declared length goes beyond the end',
  'a key of another type': 'such a passkey could never sign in',
  'a key on another curve': 'such a passkey could never sign in',
  'a point that is not on the curve': 'such a passkey could never sign in',
  'a compressed point': 'section 5.8.5 forbids it, and such a passkey could never sign in',
}

const stricterAssertions: Readonly<Record<string, string>> = {
  'a key that cannot be backed up': 'step 19 of section 7.2: the passkey was registered as one that can',
  'another backup eligibility than at the registration': 'step 19 of section 7.2',
  'a frame of another origin': 'no page of this service is in a frame of another site',
  'client data with a doubled member': 'parsers disagree on which member counts',
  'client data with `__proto__`': 'parsers disagree on what it means',
  'bytes after the signature': 'a signature has one encoding',
}

/** The registrations and assertions of the software authenticator, with every variant of the other tests. */
const cases: readonly (readonly [string, Variant])[] = [
  ['nothing changed', {}],
  ['a self attestation', { attestation: 'packed' }],
  ...harmless,
  ...[...alike, ...ofRegistration, ...ofAssertion].map(([name, variant]) => [name, variant] as const),
]

describe('the verdict of SimpleWebAuthn', () => {
  it.each(cases)('on a registration with %s', async (name, variant) => {
    const created = await newAuthenticator({ origin: ORIGIN }).create(creationOptions, variant)
    const { ok } = await verifyRegistration(created, expected)
    expect(await oracleRegisters(created, expected)).toBe(ok || name in stricterRegistrations)
    if (name in stricterRegistrations) expect(ok).toBe(false)
  })

  it.each(cases)('on an assertion with %s', async (name, variant) => {
    const authenticator = newAuthenticator({ origin: ORIGIN })
    const created = await authenticator.create(creationOptions)
    const registered = await verifyRegistration(created, expected)
    if (!registered.ok) throw new Error(registered.failure)
    const asserted = await authenticator.get(requestOptions, variant)
    const { ok } = await verifyAssertion(asserted, registered, expected)
    expect(await oracleProves(created, asserted, expected)).toBe(ok || name in stricterAssertions)
    if (name in stricterAssertions) expect(ok).toBe(false)
  })

  it.each([-7, -8, -257] as const)('on algorithm %i', async (algorithm) => {
    const authenticator = newAuthenticator({ origin: ORIGIN, algorithms: [algorithm] })
    const created = await authenticator.create(creationOptions)
    expect(await oracleRegisters(created, expected)).toBe(true)
    expect(await oracleProves(created, await authenticator.get(requestOptions), expected)).toBe(true)
  })

  it('has a reason for each difference, and no other', () => {
    const names = cases.map(([name]) => name)
    const listed = [...Object.keys(stricterRegistrations), ...Object.keys(stricterAssertions)]
    expect(listed.filter((name) => !names.includes(name))).toEqual([])
  })
})
