import type { SessionId } from './ids.ts'

// How the tokens are written that this service mints. `mac` is the Base64url of an HMAC-SHA-256 over the
// rest.

/**
 * What a one-time token may do. A token of one purpose is nothing for another: the purpose is in its MAC.
 * `restore` and `recover` both bring a deleted account back: the one was given for the password, the other
 * sent to the mailbox. `code` ends a social sign-in.
 */
export const tokenPurposes = ['verify', 'reset', 'change', 'undo', 'restore', 'recover', 'code'] as const
export type TokenPurpose = (typeof tokenPurposes)[number]

/** `lk_<purpose>_<id>.<mac>` */
export const writeOneTimeToken = (purpose: TokenPurpose, id: string, mac: string): string =>
  `lk_${purpose}_${id}.${mac}`

/** What a refresh token says: which session, and the how-manieth token of its family it is. */
export interface RefreshTokenClaims {
  readonly sessionId: SessionId
  readonly generation: number
}

/** `lk_rt_<sessionId>.<generation>.<mac>` */
export const writeRefreshToken = ({ sessionId, generation }: RefreshTokenClaims, mac: string): string =>
  `lk_rt_${sessionId}.${generation}.${mac}`

/** `lk_dev_<nonce>.<mac>` */
export const writeDeviceToken = (nonce: string, mac: string): string => `lk_dev_${nonce}.${mac}`
