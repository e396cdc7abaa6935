import { type Bytes, toBase64url } from '../../../src/crypto/encoding.ts'
import { joined, type Variant } from '../../support/authenticator.ts'
import { expected, ORIGIN } from './options.ts'

export const bytes = (...values: number[]): Bytes => new Uint8Array(values)

/** Changes of an answer that each fail one check of both ceremonies. */
export const alike: readonly (readonly [string, Variant, string])[] = [
  ['the type of another ceremony', { type: 'payment.get' }, 'type'],
  ['another challenge', { challenge: toBase64url(new Uint8Array(32)) }, 'challenge'],
  ['a challenge with padding', { challenge: `${expected.challenge}=` }, 'challenge'],
  ['a suffix of the origin', { origin: 'https://example.com' }, 'origin'],
  ['an origin that begins with the right one', { origin: `${ORIGIN}.attacker.example` }, 'origin'],
  ['an origin that ends with the right host', { origin: 'https://attacker-id.example.com' }, 'origin'],
  ['an origin over http', { origin: 'http://id.example.com' }, 'origin'],
  ['an origin with a port', { origin: `${ORIGIN}:443` }, 'origin'],
  ['an origin in other case', { origin: 'https://ID.example.com' }, 'origin'],
  ['an origin with a slash', { origin: `${ORIGIN}/` }, 'origin'],
  ['a frame of another origin', { crossOrigin: true }, 'cross_origin'],
  ['a top origin', { topOrigin: 'https://attacker.example' }, 'top_origin'],
  ['a top origin that is this service', { topOrigin: ORIGIN }, 'top_origin'],
  ['another RP ID', { rpId: 'id.example.com' }, 'rp_id'],
  ['an RP ID in other case', { rpId: 'Example.com' }, 'rp_id'],
  ['no user presence', { isUserPresent: false }, 'user_presence'],
  ['no user verification', { isUserVerified: false }, 'user_verification'],
  ['a backup of a key that cannot be backed up', { isBackupEligible: false, isBackedUp: true }, 'backup_state'],
  ['bytes after the authenticator data', { authData: (right) => joined([right, bytes(0)]) }, 'malformed'],
  ['authenticator data that are cut off', { authData: (right) => right.slice(0, 36) }, 'malformed'],
  ['announced extensions that are missing', { authData: withFlag(0x80) }, 'malformed'],
  [
    'extensions with the same key twice',
    { authData: (right) => joined([withFlag(0x80)(right), bytes(0xa2, 0x61, 0x61, 0xf5, 0x61, 0x61, 0xf4)]) },
    'malformed',
  ],
  ['client data with a doubled member', { clientData: (text) => text.replace('{', '{"origin":"x",') }, 'malformed'],
  ['client data with `__proto__`', { clientData: (text) => text.replace('{', '{"__proto__":{},') }, 'malformed'],
  ['client data without an origin', { clientData: (text) => text.replace('"origin"', '"Origin"') }, 'malformed'],
  ['client data that are no JSON', { clientData: (text) => `${text},` }, 'malformed'],
  ['client data that are null', { clientData: () => 'null' }, 'malformed'],
]

function withFlag(flag: number) {
  return (data: Bytes): Bytes => data.map((byte, at) => (at === 32 ? byte | flag : byte))
}

export const harmless: readonly (readonly [string, Variant])[] = [
  ['extension outputs', { extensions: new Map([['uvm', true]]) }],
  ['an unknown member in the client data', { clientData: (text) => text.replace('{', '{"future":[1],') }],
  ['a key that cannot be backed up', { isBackupEligible: false }],
  ['a key that is not backed up yet', { isBackedUp: false }],
]

/** A COSE key with one byte changed where the sequence of bytes is found. */
function replaced(from: readonly number[], to: readonly number[]) {
  return (key: Bytes): Bytes => {
    const at = key.findIndex((_, start) => from.every((byte, index) => key[start + index] === byte))
    if (at < 0) throw new Error('the key has no such bytes')
    return joined([key.slice(0, at), bytes(...to), key.slice(at + from.length)])
  }
}

/** Changes of a registration that each fail one check. */
export const ofRegistration: readonly (readonly [string, Variant, string])[] = [
  ['an answer to a request', { type: 'webauthn.get' }, 'type'],
  ['an id of 1024 bytes', { credentialIdBytes: 1024 }, 'credential_id'],
  ['an empty id', { credentialIdBytes: 0 }, 'malformed'],
  ['a key without its last bytes', { coseKey: (key: Bytes) => key.slice(0, -1) }, 'malformed'],
  [
    'a key with a doubled label',
    { coseKey: replaced([0xa5, 0x01, 0x02], [0xa6, 0x01, 0x02, 0x01, 0x02]) },
    'malformed',
  ],
  ['a key that is no map', { coseKey: () => bytes(0x80) }, 'malformed'],
  ['a key without an algorithm', { coseKey: replaced([0x03, 0x26], [0x04, 0x26]) }, 'algorithm'],
  ['a key for ES384', { coseKey: replaced([0x03, 0x26], [0x03, 0x38, 0x22]) }, 'algorithm'],
  ['a key of another type', { coseKey: replaced([0x01, 0x02, 0x03], [0x01, 0x01, 0x03]) }, 'public_key'],
  ['a key on another curve', { coseKey: replaced([0x20, 0x01], [0x20, 0x02]) }, 'public_key'],
  [
    'a point that is not on the curve',
    { coseKey: (key: Bytes) => key.map((byte, at) => byte ^ Number(at === 15)) },
    'public_key',
  ],
  ['a compressed point', { coseKey: (key: Bytes) => joined([key.slice(0, 42), bytes(0x22, 0xf5)]) }, 'public_key'],
]

/** Changes of an assertion that each fail one check. */
export const ofAssertion: readonly (readonly [string, Variant, string])[] = [
  ['an answer to a registration', { type: 'webauthn.create' }, 'type'],
  ['another backup eligibility than at the registration', { isBackupEligible: false }, 'backup_eligibility'],
  ['an empty signature', { signature: () => bytes() }, 'signature'],
  ['a signature that is not in DER', { signature: () => new Uint8Array(64).fill(1) }, 'signature'],
  ['bytes after the signature', { signature: (der: Bytes) => joined([der, bytes(0)]) }, 'signature'],
  [
    'a signature with another bit',
    { signature: (der: Bytes) => der.map((byte, at) => byte ^ Number(at === 12)) },
    'signature',
  ],
]
