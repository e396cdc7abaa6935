import { toBase64url, utf8 } from '../../../src/crypto/encoding.ts'

export const ORIGIN = 'https://id.example.com'
const RP_ID = 'example.com'

const challenge = toBase64url(new Uint8Array(32).fill(7))

export const creationOptions = {
  rp: { id: RP_ID },
  user: { id: toBase64url(utf8('a-user-handle')) },
  challenge,
  pubKeyCredParams: [{ alg: -7 }, { alg: -8 }, { alg: -257 }],
  authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
}

export const requestOptions = { rpId: RP_ID, challenge, userVerification: 'required' }

/** What the service expects of an answer to these options. */
export const expected = {
  challenge,
  origins: [ORIGIN],
  rpId: RP_ID,
  needsUserPresence: true,
  needsUserVerification: true,
  algorithms: [-7, -8, -257],
}
