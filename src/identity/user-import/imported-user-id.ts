import { type UserId, userIdSchema } from '../../core/ids.ts'
import { toHex, utf8 } from '../../crypto/encoding.ts'

/**
 * Derives the id of the user on a line of an import. It is the same every time the line is sent, so a retry
 * finds the rows of the first attempt. It has the form of a UUID v4. It is as unpredictable as the import's
 * id, which is a random UUID.
 */
export async function importedUserId(importId: string, line: number): Promise<UserId> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(`${importId}|${line}`)))
  const hex = toHex(digest.subarray(0, 16))
  const variant = ((digest[8] ?? 0) & 0x3f) | 0x80
  const parts = [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`]
  return userIdSchema.parse([...parts, variant.toString(16) + hex.slice(18, 20), hex.slice(20)].join('-'))
}
