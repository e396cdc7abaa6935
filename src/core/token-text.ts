import type { SessionId } from './ids.ts'

// Text formats of the tokens that this service creates. `mac` is the Base64url of an HMAC-SHA-256 over the
// rest of the token.

/**
 * The purpose of a one-time token. It is part of the MAC, so a token of one purpose is invalid for another.
 * `restore` and `recover` both restore a deleted account: the first is issued for the right password, the
 * second is sent by mail. `keep` cancels a requested reset of second factors, `unkey` removes a
 * passkey that was added. `signin` is in the link of a mail that signs in; it has no row. `code` completes a
 * social sign-in, or continues a session in an application.
 */
export const tokenPurposes = [
  'verify',
  'reset',
  'change',
  'undo',
  'restore',
  'recover',
  'keep',
  'unkey',
  'signin',
  'code',
] as const
export type TokenPurpose = (typeof tokenPurposes)[number]

/** `lk_<purpose>_<id>.<mac>` */
export const writeOneTimeToken = (purpose: TokenPurpose, id: string, mac: string): string =>
  `lk_${purpose}_${id}.${mac}`

/**
 * The contents of a refresh token: its session, and its number within the family of that session's tokens.
 */
export interface RefreshTokenClaims {
  readonly sessionId: SessionId
  readonly generation: number
}

/** `lk_rt_<sessionId>.<generation>.<mac>` */
export const writeRefreshToken = ({ sessionId, generation }: RefreshTokenClaims, mac: string): string =>
  `lk_rt_${sessionId}.${generation}.${mac}`

/** `lk_dev_<nonce>.<mac>` */
export const writeDeviceToken = (nonce: string, mac: string): string => `lk_dev_${nonce}.${mac}`
