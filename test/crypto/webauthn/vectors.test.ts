import { describe, expect, it } from 'vitest'
import { toBase64url } from '../../../src/crypto/encoding.ts'
import { readAuthenticatorData } from '../../../src/crypto/webauthn/authenticator-data.ts'
import { decodeMap } from '../../../src/crypto/webauthn/cbor.ts'
import { verifyAssertion } from '../../../src/crypto/webauthn/verify-assertion.ts'
import { verifyRegistration } from '../../../src/crypto/webauthn/verify-registration.ts'
import { fromHex } from '../../support/authenticator.ts'
// The 15 pairs of Web Authentication Level 3, section 16 (W3C, editor's draft of 30 July 2026).
import vectors from './l3-vectors.json'

const base64url = (hex: string): string => toBase64url(fromHex(hex))

const expectedWith = (challenge: string) => ({
  challenge: base64url(challenge),
  origins: ['https://example.org'],
  rpId: 'example.org',
  needsUserPresence: true,
  needsUserVerification: false,
  algorithms: [-7, -8, -257],
})

/** The pairs that are refused, with the reason. */
const refusals: Readonly<Record<string, string>> = {
  'none-es256-crossOrigin': 'cross_origin',
  'none-es256-topOrigin': 'cross_origin',
  'packed-es384': 'algorithm',
  'packed-es512': 'algorithm',
  'packed-ed448': 'algorithm',
}

const register = ({ create }: (typeof vectors)[number]) => {
  const id = base64url(create.credential_id)
  const response = {
    clientDataJSON: base64url(create.clientDataJSON),
    attestationObject: base64url(create.attestationObject),
  }
  return verifyRegistration({ id, rawId: id, type: 'public-key', response }, expectedWith(create.challenge))
}

describe('the vectors of WebAuthn Level 3, section 16', () => {
  it('are all there', () => {
    expect(vectors).toHaveLength(15)
    const names = vectors.map(({ name }) => name)
    expect(Object.keys(refusals).filter((name) => !names.includes(name))).toEqual([])
  })

  it.each(vectors.filter(({ name }) => !(name in refusals)))('W1 $name registers and proves', async (pair) => {
    const registered = await register(pair)
    const { create, get } = pair
    const id = base64url(create.credential_id)
    expect(registered).toMatchObject({ ok: true, credentialId: id, signCount: 0 })
    if (!registered.ok) return
    expect(registered.aaguid.replaceAll('-', '')).toBe(create.aaguid)
    const response = {
      clientDataJSON: base64url(get.clientDataJSON),
      authenticatorData: base64url(get.authenticatorData),
      signature: base64url(get.signature),
    }
    const proven = await verifyAssertion(
      { id, rawId: id, type: 'public-key', response },
      registered,
      expectedWith(get.challenge),
    )
    expect(proven).toMatchObject({ ok: true, signCount: 0 })
  })

  it.each(Object.entries(refusals))('W1 %s is refused: %s', async (name, failure) => {
    const pair = vectors.find((vector) => vector.name === name)
    if (pair === undefined) throw new Error(`no vector ${name}`)
    expect(await register(pair)).toEqual({ ok: false, failure })
  })

  it('have the flags and ids that the authenticator data say', () => {
    for (const { create } of vectors) {
      const authData = decodeMap(fromHex(create.attestationObject)).get('authData')
      if (!(authData instanceof Uint8Array)) throw new Error('no authenticator data')
      expect(readAuthenticatorData(new Uint8Array(authData)).credential?.id).toBe(base64url(create.credential_id))
    }
  })
})
