import { encodeCBOR } from '@levischuck/tiny-cbor'
import { type Bytes, fromBase64url, toBase64url, utf8 } from '../../src/crypto/encoding.ts'

type Algorithm = -7 | -8 | -257

interface Behaviour {
  /** The origin of the page that asks. */
  readonly origin: string
  /** All three by default. The first of the options that is among them is taken. */
  readonly algorithms?: readonly Algorithm[]
  /** By default the person is verified unless the options discourage it. */
  readonly isUserVerified?: boolean
  /** By default a synchronized passkey: eligible and backed up. */
  readonly isBackupEligible?: boolean
  readonly isBackedUp?: boolean
  /** By how much each assertion raises the counter. Synchronized passkeys have none: 0 by default. */
  readonly counterStep?: number
  readonly aaguid?: string
  readonly transports?: readonly string[]
}

/** What one answer does differently. */
export interface Variant {
  readonly origin?: string
  readonly type?: string
  readonly challenge?: string
  readonly crossOrigin?: boolean
  readonly topOrigin?: string
  /** Changes the text of the client data before it is signed. */
  readonly clientData?: (right: string) => string
  readonly rpId?: string
  readonly isUserPresent?: boolean
  readonly isUserVerified?: boolean
  readonly isBackupEligible?: boolean
  readonly isBackedUp?: boolean
  readonly signCount?: number
  /** Extension outputs in the authenticator data. */
  readonly extensions?: ReadonlyMap<string, boolean>
  /** Changes the authenticator data before they are signed. */
  readonly authData?: (right: Bytes) => Bytes
  readonly credentialIdBytes?: number
  readonly coseKey?: (right: Bytes) => Bytes
  /** `packed` is a self attestation, which needs no certificate. */
  readonly attestation?: 'none' | 'packed'
  /** Changes the signature of an assertion. */
  readonly signature?: (right: Bytes) => Bytes
  /** Of an assertion. Null: the answer has none. */
  readonly userHandle?: string | null
  /** Answers with this credential, whatever the options allow. */
  readonly credential?: SoftwareCredential
}

export interface CreationOptions {
  readonly rp: { readonly id?: string }
  readonly user: { readonly id: string }
  readonly challenge: string
  readonly pubKeyCredParams: readonly { readonly alg: number }[]
  readonly excludeCredentials?: readonly { readonly id: string }[]
  readonly authenticatorSelection?: { readonly residentKey?: string; readonly userVerification?: string }
}

export interface RequestOptions {
  readonly challenge: string
  readonly rpId?: string
  readonly allowCredentials?: readonly { readonly id: string }[]
  readonly userVerification?: string
}

interface SoftwareCredential {
  readonly id: string
  readonly rpId: string
  /** Base64url of `user.id`. */
  readonly userHandle: string
  readonly algorithm: Algorithm
  readonly privateKey: CryptoKey
  readonly isDiscoverable: boolean
  signCount: number
}

/** iCloud Keychain, as the community list of models names it. */
const AAGUID = 'fbfc3007-154e-4ecc-8c0b-6e020557d7bd'

/**
 * A software authenticator together with its browser, over WebCrypto alone. It answers the options of a
 * service as `toJSON()` of a browser does, and wrongly where a test says so.
 */
export function newAuthenticator(behaviour: Behaviour) {
  /** What it holds, the newest last. */
  const credentials: SoftwareCredential[] = []

  /** @throws DOMException `InvalidStateError` if it holds an excluded credential */
  async function create(options: CreationOptions, variant: Variant = {}) {
    const excluded = options.excludeCredentials ?? []
    if (excluded.some(({ id }) => credentials.some((credential) => credential.id === id)))
      throw new DOMException('the authenticator holds an excluded credential', 'InvalidStateError')
    const { credential, coseKey, jwk } = await newCredential(behaviour, options, variant)
    credentials.push(credential)
    const clientDataJSON = clientDataOf('webauthn.create', behaviour, options.challenge, variant)
    const attested = joined([
      fromHex((behaviour.aaguid ?? AAGUID).replaceAll('-', '')),
      new Uint8Array([bytesOf(credential.id).length >> 8, bytesOf(credential.id).length & 0xff]),
      bytesOf(credential.id),
      coseKey,
    ])
    const uv = options.authenticatorSelection?.userVerification
    const authData = await authDataOf({ behaviour, variant, rpId: credential.rpId, uv, signCount: 0, attested })
    const statement = await attestationOf(variant, credential, await signedOf(authData, clientDataJSON))
    return {
      id: credential.id,
      rawId: credential.id,
      type: 'public-key' as const,
      authenticatorAttachment: 'platform' as const,
      response: {
        clientDataJSON: toBase64url(clientDataJSON),
        attestationObject: toBase64url(encodeCBOR(new Map<string, CborValue>([...statement, ['authData', authData]]))),
        authenticatorData: toBase64url(authData),
        publicKey: JSON.stringify(jwk),
        publicKeyAlgorithm: credential.algorithm,
        transports: [...(behaviour.transports ?? ['internal', 'hybrid'])],
      },
      clientExtensionResults: { credProps: { rk: credential.isDiscoverable } },
    }
  }

  /** @throws DOMException `NotAllowedError` if it holds no credential that the options allow */
  async function get(options: RequestOptions, variant: Variant = {}) {
    const credential = variant.credential ?? choose(credentials, options, hostOf(behaviour))
    if (credential === undefined) throw new DOMException('there is no credential', 'NotAllowedError')
    credential.signCount = variant.signCount ?? credential.signCount + (behaviour.counterStep ?? 0)
    const clientDataJSON = clientDataOf('webauthn.get', behaviour, options.challenge, variant)
    const { rpId, signCount } = credential
    const authData = await authDataOf({ behaviour, variant, rpId, uv: options.userVerification, signCount })
    const signature = await sign(credential, await signedOf(authData, clientDataJSON))
    const userHandle = variant.userHandle === undefined ? credential.userHandle : variant.userHandle
    return {
      id: credential.id,
      rawId: credential.id,
      type: 'public-key' as const,
      authenticatorAttachment: 'platform' as const,
      response: {
        clientDataJSON: toBase64url(clientDataJSON),
        authenticatorData: toBase64url(authData),
        signature: toBase64url(variant.signature?.(signature) ?? signature),
        ...(userHandle !== null && { userHandle }),
      },
      clientExtensionResults: {},
    }
  }

  return { credentials, create, get }
}

type CborValue = Parameters<typeof encodeCBOR>[0]

const hostOf = ({ origin }: Behaviour): string => new URL(origin).hostname

/** A credential of the list, or, without a list, the newest discoverable one. */
function choose(held: readonly SoftwareCredential[], { allowCredentials = [], rpId }: RequestOptions, host: string) {
  const usable = held.filter((credential) => credential.rpId === (rpId ?? host))
  return allowCredentials.length === 0
    ? usable.findLast(({ isDiscoverable }) => isDiscoverable)
    : usable.findLast(({ id }) => allowCredentials.some((allowed) => allowed.id === id))
}

const keyParameters = {
  [-7]: { name: 'ECDSA', namedCurve: 'P-256' },
  [-8]: { name: 'Ed25519' },
  [-257]: {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
  },
} as const

async function newCredential(behaviour: Behaviour, options: CreationOptions, variant: Variant) {
  const { algorithms = [-7, -8, -257] } = behaviour
  const algorithm = options.pubKeyCredParams
    .map(({ alg }) => algorithms.find((known) => known === alg))
    .find((known) => known !== undefined)
  if (algorithm === undefined) throw new DOMException('no algorithm fits', 'NotSupportedError')
  const pair = (await crypto.subtle.generateKey(keyParameters[algorithm], true, ['sign', 'verify'])) as CryptoKeyPair
  const jwk = (await crypto.subtle.exportKey('jwk', pair.publicKey)) as JsonWebKey
  const coseKey = coseKeyOf(algorithm, jwk)
  const credential: SoftwareCredential = {
    id: toBase64url(crypto.getRandomValues(new Uint8Array(variant.credentialIdBytes ?? 20))),
    rpId: options.rp.id ?? hostOf(behaviour),
    userHandle: options.user.id,
    algorithm,
    privateKey: pair.privateKey,
    isDiscoverable: options.authenticatorSelection?.residentKey !== 'discouraged',
    signCount: 0,
  }
  return { credential, jwk, coseKey: variant.coseKey?.(coseKey) ?? coseKey }
}

/** The COSE_Key of a public key, in the order of CTAP2. */
function coseKeyOf(algorithm: Algorithm, { x = '', y = '', n = '', e = '' }: JsonWebKey): Bytes {
  const members: Record<Algorithm, [number, number | Bytes][]> = {
    [-7]: [
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, bytesOf(x)],
      [-3, bytesOf(y)],
    ],
    [-8]: [
      [1, 1],
      [3, -8],
      [-1, 6],
      [-2, bytesOf(x)],
    ],
    [-257]: [
      [1, 3],
      [3, -257],
      [-1, bytesOf(n)],
      [-2, bytesOf(e)],
    ],
  }
  return new Uint8Array(encodeCBOR(new Map<number, CborValue>(members[algorithm])))
}

function clientDataOf(type: string, behaviour: Behaviour, challenge: string, variant: Variant): Bytes {
  const text = JSON.stringify({
    type: variant.type ?? type,
    challenge: variant.challenge ?? challenge,
    origin: variant.origin ?? behaviour.origin,
    crossOrigin: variant.crossOrigin ?? false,
    ...(variant.topOrigin !== undefined && { topOrigin: variant.topOrigin }),
  })
  return utf8(variant.clientData?.(text) ?? text)
}

interface AuthDataParts {
  readonly behaviour: Behaviour
  readonly variant: Variant
  readonly rpId: string
  /** What the options say about user verification. */
  readonly uv: string | undefined
  readonly signCount: number
  readonly attested?: Bytes
}

async function authDataOf({ behaviour, variant, rpId, uv, signCount, attested }: AuthDataParts): Promise<Bytes> {
  const isVerified = variant.isUserVerified ?? behaviour.isUserVerified ?? uv !== 'discouraged'
  const isEligible = variant.isBackupEligible ?? behaviour.isBackupEligible ?? true
  const isBackedUp = variant.isBackedUp ?? behaviour.isBackedUp ?? isEligible
  const bits: [number, boolean][] = [
    [0x01, variant.isUserPresent ?? true],
    [0x04, isVerified],
    [0x08, isEligible],
    [0x10, isBackedUp],
    [0x40, attested !== undefined],
    [0x80, variant.extensions !== undefined],
  ]
  const counter = new Uint8Array(4)
  new DataView(counter.buffer).setUint32(0, variant.signCount ?? signCount)
  const right = joined([
    new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(variant.rpId ?? rpId))),
    new Uint8Array([bits.reduce((sum, [bit, isSet]) => sum | (isSet ? bit : 0), 0)]),
    counter,
    attested ?? new Uint8Array(),
    variant.extensions === undefined ? new Uint8Array() : new Uint8Array(encodeCBOR(new Map(variant.extensions))),
  ])
  return variant.authData?.(right) ?? right
}

async function attestationOf(variant: Variant, credential: SoftwareCredential, signed: Bytes) {
  const statement: [string, number | Bytes][] =
    variant.attestation === 'packed'
      ? [
          ['alg', credential.algorithm],
          ['sig', await sign(credential, signed)],
        ]
      : []
  return [
    ['fmt', variant.attestation ?? 'none'],
    ['attStmt', new Map<string, CborValue>(statement)],
  ] as [string, CborValue][]
}

const signedOf = async (authData: Bytes, clientDataJSON: Bytes): Promise<Bytes> =>
  joined([authData, new Uint8Array(await crypto.subtle.digest('SHA-256', clientDataJSON))])

async function sign({ algorithm, privateKey }: SoftwareCredential, signed: Bytes): Promise<Bytes> {
  const parameters = { name: keyParameters[algorithm].name, hash: 'SHA-256' }
  const signature = new Uint8Array(await crypto.subtle.sign(parameters, privateKey, signed))
  return algorithm === -7 ? derOf(signature) : signature
}

/** An ECDSA signature of WebCrypto as DER. */
export function derOf(raw: Bytes): Bytes {
  const integers = [raw.subarray(0, 32), raw.subarray(32)].map((scalar) => {
    const start = scalar.findIndex((byte) => byte !== 0)
    const value = scalar.subarray(start)
    const signed = (value[0] ?? 0) >= 0x80 ? joined([new Uint8Array(1), value]) : value
    return joined([new Uint8Array([0x02, signed.length]), signed])
  })
  const body = joined(integers)
  return joined([new Uint8Array([0x30, body.length]), body])
}

export function joined(parts: readonly Bytes[]): Bytes {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

export const fromHex = (hex: string): Bytes =>
  Uint8Array.from({ length: hex.length / 2 }, (_, at) => Number.parseInt(hex.slice(2 * at, 2 * at + 2), 16))

const bytesOf = (text: string): Bytes => fromBase64url(text) ?? new Uint8Array()
