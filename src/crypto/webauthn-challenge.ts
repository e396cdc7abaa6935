import { toBase64url } from './encoding.ts'

/** A challenge for an authenticator: 32 random bytes, base64url (WebAuthn section 13.4.3). */
export const newChallenge = (): string => toBase64url(crypto.getRandomValues(new Uint8Array(32)))
