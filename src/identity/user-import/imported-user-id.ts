import { type UserId, userIdSchema } from '../../core/ids.ts'
import { toHex, utf8 } from '../../crypto/encoding.ts'
import { deriveBytes, type KeyRing } from '../../crypto/key-ring.ts'

/** Ids that a line of an import can have, the one for a new user first. */
export type ImportedUserIds = readonly [UserId, ...UserId[]]

/**
 * Derives the id of the user on a line of an import. It is the same every time the line is sent, so a retry
 * finds the rows of the first attempt. The archive keeps the import's id. Without a root key, no attacker can
 * compute from it who was imported.
 * @returns the id under the newest root key, then those under older ones, and the one that version 0.2.0
 * derived without a key. A line that was imported earlier has one of those.
 */
export async function importedUserIds(ring: KeyRing, importId: string, line: number): Promise<ImportedUserIds> {
  const text = utf8(`${importId}|${line}`)
  const [newest, ...older] = [ring.newest, ...ring.all.filter(({ version }) => version !== ring.newest.version)]
  const under = async ({ root }: typeof newest) =>
    toUserId(new Uint8Array(await crypto.subtle.sign('HMAC', await importIdKey(root), text)))
  const [first, ...others] = await Promise.all([under(newest), ...older.map(under)])
  return [first, ...others, toUserId(new Uint8Array(await crypto.subtle.digest('SHA-256', text)))]
}

async function importIdKey(root: CryptoKey): Promise<CryptoKey> {
  const raw = await deriveBytes(root, 'import-id', 32)
  return crypto.subtle.importKey('raw', raw, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
}

/** @returns the first 122 bits in the form of a UUID v4 */
function toUserId(digest: Uint8Array): UserId {
  const hex = toHex(digest.subarray(0, 16))
  const variant = ((digest[8] ?? 0) & 0x3f) | 0x80
  const parts = [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`]
  return userIdSchema.parse([...parts, variant.toString(16) + hex.slice(18, 20), hex.slice(20)].join('-'))
}
