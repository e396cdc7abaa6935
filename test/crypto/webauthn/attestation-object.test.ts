import { encodeCBOR } from '@levischuck/tiny-cbor'
import { describe, expect, it } from 'vitest'
import { type Bytes, fromBase64url, toBase64url } from '../../../src/crypto/encoding.ts'
import { readAuthenticatorData } from '../../../src/crypto/webauthn/authenticator-data.ts'
import { decodeMap } from '../../../src/crypto/webauthn/cbor.ts'
import { verifyRegistration } from '../../../src/crypto/webauthn/verify-registration.ts'
import { joined, newAuthenticator } from '../../support/authenticator.ts'
import { creationOptions, expected, ORIGIN } from './options.ts'

type Member = Parameters<typeof encodeCBOR>[0]

/** Registers with some members of the attestation object replaced. */
async function register(change: (authData: Bytes) => Readonly<Record<string, Member>>) {
  const created = await newAuthenticator({ origin: ORIGIN }).create(creationOptions)
  const object = decodeMap(fromBase64url(created.response.attestationObject) ?? new Uint8Array())
  const authData = object.get('authData')
  if (!(authData instanceof Uint8Array)) throw new Error('no authenticator data')
  const changed = new Map<string, Member>([
    ['fmt', 'none'],
    ['attStmt', new Map()],
    ['authData', authData],
  ])
  for (const [name, value] of Object.entries(change(new Uint8Array(authData))))
    if (value === undefined) changed.delete(name)
    else changed.set(name, value)
  const attestationObject = toBase64url(encodeCBOR(changed))
  return verifyRegistration({ ...created, response: { ...created.response, attestationObject } }, expected)
}

describe('an attestation object', () => {
  it('may have any format and statement, and more members', async () => {
    const statement = new Map([['x5c', [new Uint8Array(3)]]])
    expect(await register(() => ({ fmt: 'future', attStmt: statement, epAtt: true }))).toMatchObject({ ok: true })
  })

  it.each([
    ['no format', { fmt: undefined }],
    ['a format that is no text', { fmt: 1 }],
    ['no statement', { attStmt: undefined }],
    ['a statement that is no map', { attStmt: [] }],
    ['no authenticator data', { authData: undefined }],
    ['authenticator data as text', { authData: 'x'.repeat(164) }],
    ['authenticator data as a list', { authData: [1] }],
  ])('is malformed with %s', async (_, members) => {
    expect(await register(() => members)).toEqual({ ok: false, failure: 'malformed' })
  })

  it('is malformed without a credential', async () => {
    const withoutCredential = (authData: Bytes) => {
      const fixed = authData.slice(0, 37)
      fixed[32] = 0x45 & ~0x40
      return { authData: fixed }
    }
    expect(await register(withoutCredential)).toEqual({ ok: false, failure: 'malformed' })
  })
})

describe('authenticator data', () => {
  const fixed = joined([new Uint8Array(32), new Uint8Array([0x41]), new Uint8Array([1, 2, 3, 4])])
  const aaguid = Uint8Array.from({ length: 16 }, (_, at) => at * 17)
  const attested = (...parts: readonly (readonly number[])[]): Bytes =>
    joined([fixed, aaguid, ...parts.map((part) => new Uint8Array(part))])

  it('are read with an id of one byte', () => {
    expect(readAuthenticatorData(attested([0, 1], [7], [0xa0]))).toMatchObject({
      signCount: 0x01020304,
      isUserPresent: true,
      credential: { aaguid: '00112233-4455-6677-8899-aabbccddeeff', id: 'Bw', coseKey: new Uint8Array([0xa0]) },
    })
  })

  it.each([
    ['no model', fixed],
    ['half a model', fixed.slice(0, 45)],
    ['no length of an id', joined([fixed, aaguid])],
    ['half a length', attested([0])],
    ['no id', attested([0, 0], [0xa0])],
    ['nothing after the length', attested([0, 1])],
    ['no key', attested([0, 1], [7])],
    ['a key that is no map', attested([0, 1], [7], [0x01])],
    ['a key beyond the end', attested([0, 1], [7], [0xa1, 0x01, 0x58, 0xff, 0x00])],
    ['bytes after the key', attested([0, 1], [7], [0xa0], [0])],
  ])('are malformed with %s', (_, bytes) => {
    expect(() => readAuthenticatorData(bytes)).toThrow('malformed')
  })

  it('are refused for an id of 1024 bytes, before it is looked for', () => {
    expect(() => readAuthenticatorData(attested([4, 0]))).toThrow('credential_id')
    expect(() => readAuthenticatorData(attested([3, 255]))).toThrow('malformed')
  })
})
