import { type UserId, userIdSchema } from '../core/ids.ts'
import { fromBase64url, toBase64url, toHex } from './encoding.ts'

const HANDLE_BYTES = 16

/**
 * The user handle of an account for authenticators: the 16 bytes of its id, base64url. It holds no personal
 * data (WebAuthn section 14.6.1).
 */
export const userHandleOf = (userId: UserId): string =>
  toBase64url(Uint8Array.from(userId.replaceAll('-', '').match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)))

/** The account that an authenticator names. @returns undefined if the handle is none of this service */
export function readUserHandle(handle: string): UserId | undefined {
  const bytes = fromBase64url(handle)
  if (bytes?.length !== HANDLE_BYTES) return undefined
  const id = toHex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
  return userIdSchema.safeParse(id).data
}
