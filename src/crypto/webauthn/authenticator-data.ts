import { type Bytes, toBase64url, toHex } from '../encoding.ts'
import { decodeMapAt } from './cbor.ts'
import { check } from './ceremony-error.ts'

/** Authenticator data (WebAuthn Level 3 section 6.1). */
export interface AuthenticatorData {
  /** SHA-256 of the RP ID for which the authenticator answered. */
  readonly rpIdHash: Bytes
  readonly isUserPresent: boolean
  readonly isUserVerified: boolean
  readonly isBackupEligible: boolean
  readonly isBackedUp: boolean
  readonly signCount: number
  /** Present in a registration. */
  readonly credential?: AttestedCredential
}

interface AttestedCredential {
  /** The model of the authenticator, as a UUID. It is all zero where the client hides it. */
  readonly aaguid: string
  /** Base64url of 1 to 1023 bytes. */
  readonly id: string
  /** The public key as a COSE_Key. */
  readonly coseKey: Bytes
}

const FIXED_BYTES = 37
const flag = { userPresent: 0x01, userVerified: 0x04, backupEligible: 0x08, backedUp: 0x10 } as const
const HAS_CREDENTIAL = 0x40
const HAS_EXTENSIONS = 0x80
const AAGUID_BYTES = 16
const MOST_ID_BYTES = 1023

/**
 * Reads authenticator data. Extension outputs are skipped, and bytes after them are refused.
 * @throws CeremonyError `malformed`; `credential_id` for an id longer than 1023 bytes
 */
export function readAuthenticatorData(bytes: Bytes): AuthenticatorData {
  check(bytes.length >= FIXED_BYTES, 'malformed')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const flags = view.getUint8(32)
  const attested = (flags & HAS_CREDENTIAL) === 0 ? undefined : readCredential(bytes, view)
  const credentialEnd = attested?.end ?? FIXED_BYTES
  const end = (flags & HAS_EXTENSIONS) === 0 ? credentialEnd : decodeMapAt(bytes, credentialEnd).end
  check(end === bytes.length, 'malformed')
  return {
    rpIdHash: bytes.subarray(0, 32),
    isUserPresent: (flags & flag.userPresent) !== 0,
    isUserVerified: (flags & flag.userVerified) !== 0,
    isBackupEligible: (flags & flag.backupEligible) !== 0,
    isBackedUp: (flags & flag.backedUp) !== 0,
    signCount: view.getUint32(33),
    ...(attested && { credential: attested.credential }),
  }
}

function readCredential(
  bytes: Bytes,
  view: DataView,
): { readonly credential: AttestedCredential; readonly end: number } {
  const idStart = FIXED_BYTES + AAGUID_BYTES + 2
  check(bytes.length >= idStart, 'malformed')
  const idLength = view.getUint16(idStart - 2)
  check(idLength <= MOST_ID_BYTES, 'credential_id')
  const keyStart = idStart + idLength
  check(idLength > 0 && bytes.length > keyStart, 'malformed')
  const { end } = decodeMapAt(bytes, keyStart)
  return {
    credential: {
      aaguid: toUuid(bytes.subarray(FIXED_BYTES, FIXED_BYTES + AAGUID_BYTES)),
      id: toBase64url(bytes.subarray(idStart, keyStart)),
      coseKey: bytes.slice(keyStart, end),
    },
    end,
  }
}

const toUuid = (bytes: Bytes): string => toHex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
