import { createHmac } from 'node:crypto'
import { toBase64url } from './encoding.ts'

/** Base64url characters of a pseudonym: 132 bits. */
const LENGTH = 22

/** What a pseudonym stands for. The same id of another kind gets another pseudonym. */
export type PseudonymKind = 'user' | 'session' | 'identity' | 'passkey' | 'consent' | 'export' | 'request' | 'other'

/**
 * The pseudonym of an id: HMAC-SHA-256 of `<kind>:<id>`, cut to 22 characters. Without the key, it can
 * neither be computed from the id nor compared with it.
 * @param key 32 bytes, from `KeyVault.findDerived`
 */
export const pseudonymOf = (key: Uint8Array, kind: PseudonymKind, id: string): string =>
  createHmac('sha256', key).update(`${kind}:${id}`).digest('base64url').slice(0, LENGTH)

/**
 * A random key in place of one that is destroyed. The pseudonyms under it belong to no person, and no
 * attacker can compute them again.
 */
export const newPseudonymKey = (): Uint8Array => crypto.getRandomValues(new Uint8Array(32))

/** @returns 128 random bits, base64url */
export const newNonce = (): string => toBase64url(crypto.getRandomValues(new Uint8Array(16)))
