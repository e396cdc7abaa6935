import { type SQL, sql } from 'drizzle-orm'
import { type ClientDetails, clientSchema } from '../core/client.ts'
import { readDevice } from '../core/device.ts'
import type { SessionId, UserId } from '../core/ids.ts'
import { readStored } from '../core/json.ts'
import { blindIndexes } from '../crypto/blind-index.ts'
import { decryptField, encryptField } from '../crypto/field-cipher.ts'
import type { KeyRing } from '../crypto/key-ring.ts'

const placeOf = (owner: UserId) => ({ table: 'sessions', column: 'device_enc', owner })

/** Encrypts `sessions.device_enc`. */
export const encryptDevice = (key: CryptoKey, userId: UserId, client: ClientDetails): Promise<string> =>
  encryptField(key, placeOf(userId), JSON.stringify(client))

/** @throws CiphertextError */
export const decryptDevice = async (key: CryptoKey, userId: UserId, stored: string): Promise<ClientDetails> =>
  readStored(clientSchema, await decryptField(key, placeOf(userId), stored))

/**
 * The same for every session of one person with one browser on one system, and like nobody else's. Versions
 * are left out, so that an update is no new device. Under every root key version, newest first: a rotation
 * makes none new.
 */
export function indexDevice(ring: KeyRing, userId: UserId, client: ClientDetails): Promise<string[]> {
  const { browser = '', system = '' } = readDevice(client)
  return blindIndexes(ring, 'deviceIndex', JSON.stringify([userId, browser, system]))
}

/**
 * SQL condition: this session is there, others of its user are, and none of them is of this device. Index
 * `sessions_user_device`. SQLite makes a join of an EXISTS and then asks about the device for each of a
 * thousand sessions; not of a value.
 */
export const isNewDevice = ({ sessionId, userId, deviceIndexes }: DeviceSighting): SQL => sql`
  (SELECT 1 FROM sessions WHERE id = ${sessionId}) = 1
  AND (SELECT 1 FROM sessions WHERE user_id = ${userId} AND id <> ${sessionId} LIMIT 1) = 1
  AND NOT EXISTS (
    SELECT 1 FROM sessions WHERE user_id = ${userId} AND device_index IN ${[...deviceIndexes]} AND id <> ${sessionId})`

interface DeviceSighting {
  readonly sessionId: SessionId
  readonly userId: UserId
  readonly deviceIndexes: readonly string[]
}
