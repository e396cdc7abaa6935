import { type UserId, userIdSchema } from '../../core/ids.ts'
import { utf8 } from '../../crypto/encoding.ts'

/**
 * The id of the user of a line: the same however often the line is sent, so that a second attempt finds what
 * the first one left. A UUID v4 in form; as unpredictable as the import's own id, which is one.
 */
export async function importedUserId(importId: string, line: number): Promise<UserId> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(`${importId}|${line}`)))
  const hex = [...digest.subarray(0, 16)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  const variant = ((digest[8] ?? 0) & 0x3f) | 0x80
  const parts = [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`]
  return userIdSchema.parse([...parts, variant.toString(16) + hex.slice(18, 20), hex.slice(20)].join('-'))
}
