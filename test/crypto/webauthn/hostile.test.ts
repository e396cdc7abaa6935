import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Bytes, fromBase64url, toBase64url, utf8 } from '../../../src/crypto/encoding.ts'
import { decodeMap } from '../../../src/crypto/webauthn/cbor.ts'
import { readCoseKey } from '../../../src/crypto/webauthn/cose-key.ts'
import { readEcdsaSignature } from '../../../src/crypto/webauthn/ecdsa-signature.ts'
import { verifyAssertion } from '../../../src/crypto/webauthn/verify-assertion.ts'
import { verifyRegistration } from '../../../src/crypto/webauthn/verify-registration.ts'
import { derOf, fromHex, joined, newAuthenticator } from '../../support/authenticator.ts'
import { creationOptions, expected, ORIGIN, requestOptions } from './options.ts'

/** Every beginning of the bytes, and the bytes with one bit of each byte changed. */
function* spoiled(text: string): Generator<string> {
  const bytes = fromBase64url(text) ?? new Uint8Array()
  for (const at of bytes.keys()) {
    yield toBase64url(bytes.slice(0, at))
    const flipped = bytes.slice()
    flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8))
    yield toBase64url(flipped)
  }
}

/** The answer with each spoiled form of one member of its response. */
function spoil<Answer extends { readonly response: object }>(
  answer: Answer,
  member: keyof Answer['response'] & string,
) {
  const text = String(Reflect.get(answer.response, member))
  return [...spoiled(text), `${text}=`, `${text} `, ` ${text}`, text.replace(/.$/, '+')].map((changed) => ({
    ...answer,
    response: { ...answer.response, [member]: changed },
  }))
}

describe('a spoiled answer', () => {
  it.each([-7, -8, -257] as const)(
    'W1 is no proof, in any byte and at any length, with algorithm %i',
    async (algorithm) => {
      const authenticator = newAuthenticator({ origin: ORIGIN, algorithms: [algorithm] })
      const registered = await verifyRegistration(await authenticator.create(creationOptions), expected)
      if (!registered.ok) throw new Error(registered.failure)
      const asserted = await authenticator.get(requestOptions)
      const members = ['clientDataJSON', 'authenticatorData', 'signature'] as const
      for (const changed of members.flatMap((member) => spoil(asserted, member))) {
        const result = await verifyAssertion(changed, registered, expected)
        expect(result, JSON.stringify(changed)).toEqual({ ok: false, failure: expect.any(String) })
      }
      expect(await verifyAssertion(asserted, registered, expected)).toMatchObject({ ok: true })
    },
  )

  it('W1 registers no other id or key, in any byte and at any length', async () => {
    const created = await newAuthenticator({ origin: ORIGIN }).create(creationOptions)
    const right = await verifyRegistration(created, expected)
    if (!right.ok) throw new Error(right.failure)
    for (const changed of spoil(created, 'clientDataJSON')) {
      const result = await verifyRegistration(changed, expected)
      // Nothing signs a registration: the name of a member that is not needed may change.
      if (result.ok) expect(requiredOf(changed)).toEqual(requiredOf(created))
    }
    for (const changed of spoil(created, 'attestationObject')) {
      const result = await verifyRegistration(changed, expected)
      // Without an attestation nothing protects model, counter, backup flags and format.
      if (result.ok) expect(result).toMatchObject({ credentialId: right.credentialId, publicKey: right.publicKey })
    }
  })
})

function requiredOf({ response }: { readonly response: { readonly clientDataJSON: string } }) {
  const bytes = fromBase64url(response.clientDataJSON) ?? new Uint8Array()
  const { type, challenge, origin, crossOrigin = false } = JSON.parse(new TextDecoder().decode(bytes))
  return { type, challenge, origin, crossOrigin }
}

describe('any bytes', () => {
  const bytes = fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ minLength: 37, maxLength: 120 }))
  const text = fc.oneof(
    bytes.map(toBase64url),
    fc.json().map((json) => toBase64url(utf8(json))),
    fc.string({ maxLength: 40 }),
  )
  const id = 'AAAA'

  it('register and prove nothing, and cause no error', async () => {
    const publicKey = { alg: -8, jwk: { kty: 'OKP', crv: 'Ed25519', x: toBase64url(new Uint8Array(32)) } } as const
    const refusal = { ok: false, failure: expect.any(String) }
    const clientDataOf = (type: string) =>
      toBase64url(utf8(JSON.stringify({ type, challenge: expected.challenge, origin: ORIGIN })))
    await fc.assert(
      fc.asyncProperty(text, text, fc.boolean(), async (one, other, isReached) => {
        const common = { id, rawId: id, type: 'public-key' } as const
        const clientDataJSON = isReached ? clientDataOf('webauthn.create') : one
        const created = { ...common, response: { clientDataJSON, attestationObject: other } }
        expect(await verifyRegistration(created, expected)).toEqual(refusal)
        const response = {
          clientDataJSON: isReached ? clientDataOf('webauthn.get') : one,
          authenticatorData: other,
          signature: one,
        }
        const known = { publicKey, isBackupEligible: false }
        expect(await verifyAssertion({ ...common, response }, known, expected)).toEqual(refusal)
      }),
      { numRuns: 300 },
    )
  })

  it('are read as an attestation object without an error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 60 }), (tail) => {
        const map = new Uint8Array([0xa0 + ((tail[0] ?? 0) % 4), ...tail.slice(1)])
        expect(['CeremonyError', undefined]).toContain(errorOf(() => decodeMap(map)))
        expect(['CeremonyError', undefined]).toContain(errorOf(() => readCoseKey(map, expected.algorithms)))
      }),
      { numRuns: 1000 },
    )
  })
})

function errorOf(action: () => unknown): string | undefined {
  try {
    action()
    return undefined
  } catch (error) {
    return error instanceof Error ? error.name : 'no error'
  }
}

describe('hostile CBOR', () => {
  it.each([
    ['nothing', ''],
    ['a number', '01'],
    ['an array', '80'],
    ['two items', 'a0a0'],
    ['a map that is cut off', 'a161'],
    ['a map without its last value', 'a16161'],
    ['a byte string beyond the end', 'a1616158ff00'],
    ['a byte string of 2^63 bytes', 'a161615b800000000000000000'],
    ['a map of 2^32 - 1 members', 'baffffffff'],
    ['an array of 2^53 - 1 items', 'a161619b001fffffffffffff'],
    ['a map without an announced end', 'bf6161f5ff'],
    ['a key that is an array', 'a18001'],
    ['a key twice', 'a201010102'],
    ['a key twice, as text', 'a2616101616102'],
    ['a number that is longer than needed', 'a1180101'],
    ['a reserved length', 'a11c00'],
  ])('refuses %s', (_, hex) => {
    expect(() => decodeMap(fromHex(hex))).toThrow('malformed')
  })

  it('refuses arrays that are nested without end', () => {
    const nested = new Uint8Array(24_000).fill(0x81)
    nested.set([0xa1, 0x01])
    expect(() => decodeMap(nested)).toThrow('malformed')
  })
})

describe('an ECDSA signature', () => {
  const [r, s] = ['11'.repeat(32), '22'.repeat(32)]
  const der = (body: string): Bytes => fromHex(`30${(body.length / 2).toString(16).padStart(2, '0')}${body}`)

  it.each([
    ['32 bytes each', `0220${r}0220${s}`, `${r}${s}`],
    ['a sign byte', `022100${'ff'.repeat(32)}0220${s}`, `${'ff'.repeat(32)}${s}`],
    ['a sign byte before its least byte', `02020080021f${'22'.repeat(31)}`, `${'00'.repeat(31)}8000${'22'.repeat(31)}`],
    ['short numbers', '020101020200ff', `${'00'.repeat(31)}01${'00'.repeat(31)}ff`],
  ])('is read from DER with %s', (_, body, raw) => {
    expect(readEcdsaSignature(der(body))).toEqual(fromHex(raw))
  })

  it('is the same after DER, whatever its numbers are', () => {
    const scalar = fc.uint8Array({ minLength: 32, maxLength: 32 }).filter((bytes) => bytes.some((byte) => byte !== 0))
    fc.assert(
      fc.property(scalar, scalar, fc.nat(31), (one, other, zeros) => {
        const raw = joined([new Uint8Array(one), new Uint8Array(other)])
        raw.fill(0, 0, raw[31] === 0 ? 0 : zeros)
        expect(readEcdsaSignature(derOf(raw))).toEqual(raw)
      }),
    )
  })

  it.each([
    ['nothing', ''],
    ['another type', `31440220${r}0220${s}`],
    ['a length in two bytes', `3081440220${r}0220${s}`],
    ['an indefinite length', `30800220${r}0220${s}0000`],
    ['a length that is too long', `30450220${r}0220${s}`],
    ['bytes at the end', `30450220${r}0220${s}00`],
    ['a superfluous zero', `3045022100${r}0220${s}`],
    ['a negative number', `30440220${'ff'.repeat(32)}0220${s}`],
    ['the least negative number', `30440220${r}022080${'00'.repeat(31)}`],
    ['a zero before 127', `3025022000${'00'.repeat(31)}020101`],
    ['a zero before a small number', `300702020001020101`],
    ['zero in two bytes', `300702020000020101`],
    ['zero as the last number', `3006020101020100`],
    ['an empty last number', `30050201010200`],
    ['no length of the last number', `300402010102`],
    ['zero', `30250201000220${s}`],
    ['an empty number', `302402000220${s}`],
    ['33 bytes', `3045022111${r}0220${s}`],
    ['one number', `30220220${r}`],
    ['three numbers', `30460220${r}0220${s}0201`],
    ['a number beyond the end', `30440220${r}0221${s}`],
    ['a long length of a number', `3045028120${r}0220${s}`],
  ])('is refused with %s', (_, hex) => {
    expect(() => readEcdsaSignature(fromHex(hex))).toThrow('signature')
  })
})
