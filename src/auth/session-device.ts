import { type Client, clientSchema } from '../core/client.ts'
import type { UserId } from '../core/ids.ts'
import { decryptField, encryptField } from '../crypto/field-cipher.ts'

const placeOf = (owner: UserId) => ({ table: 'sessions', column: 'device_enc', owner })

/** Encrypts `sessions.device_enc`. */
export const encryptDevice = (key: CryptoKey, userId: UserId, client: Client): Promise<string> =>
  encryptField(key, placeOf(userId), JSON.stringify(client))

/** @throws CiphertextError */
export const decryptDevice = async (key: CryptoKey, userId: UserId, stored: string): Promise<Client> =>
  clientSchema.parse(JSON.parse(await decryptField(key, placeOf(userId), stored)))
