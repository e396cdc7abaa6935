import { type Client, clientSchema } from '../core/client.ts'
import { readDevice } from '../core/device.ts'
import type { UserId } from '../core/ids.ts'
import { blindIndexes } from '../crypto/blind-index.ts'
import { decryptField, encryptField } from '../crypto/field-cipher.ts'
import type { KeyRing } from '../crypto/key-ring.ts'

const placeOf = (owner: UserId) => ({ table: 'sessions', column: 'device_enc', owner })

/** Encrypts `sessions.device_enc`. */
export const encryptDevice = (key: CryptoKey, userId: UserId, client: Client): Promise<string> =>
  encryptField(key, placeOf(userId), JSON.stringify(client))

/** @throws CiphertextError */
export const decryptDevice = async (key: CryptoKey, userId: UserId, stored: string): Promise<Client> =>
  clientSchema.parse(JSON.parse(await decryptField(key, placeOf(userId), stored)))

/**
 * The same for every session of one person with one browser on one system, and like nobody else's. Versions are left
 * out, so that an update is no new device. Under every root key version, newest first: a rotation makes none new.
 */
export function indexDevice(ring: KeyRing, userId: UserId, client: Client): Promise<string[]> {
  const { browser = '', system = '' } = readDevice(client)
  return blindIndexes(ring, 'deviceIndex', JSON.stringify([userId, browser, system]))
}
