import { type SQL, sql } from 'drizzle-orm'
import * as z from 'zod'
import { type ClientDetails, clientSchema } from '../core/client-details.ts'
import type { SessionId, UserId } from '../core/ids.ts'
import { readStored, UnreadableJson } from '../core/json.ts'
import { readDevice } from '../core/user-agent.ts'
import { type BlindIndexes, blindIndexes } from '../crypto/blind-index.ts'
import { CiphertextError, decryptField, encryptField } from '../crypto/field-cipher.ts'
import type { KeyRing } from '../crypto/key-ring.ts'
import { surroundingNetwork } from '../rate-limits/client-address.ts'
import { expiring } from '../storage/database/unbound-ciphertexts.ts'

/** The row of `sessions`, and the owner of its key. */
export interface DeviceRow {
  readonly sessionId: SessionId
  readonly userId: UserId
}

/** Where a session is: what the list of sessions shows. */
export interface SessionDevice extends ClientDetails {
  /** The host of the application that has the session. Absent where it is of no application. */
  readonly application?: string | undefined
}

/** Made at the first use, because it would add to the start of every isolate. */
const schema = () => clientSchema.extend({ application: z.string().optional() })
let sessionDeviceSchema: ReturnType<typeof schema> | undefined

/** Encrypts `sessions.device_enc`. */
export const encryptDevice = (key: CryptoKey, row: DeviceRow, device: SessionDevice): Promise<string> =>
  encryptField(key, placeOf(row), JSON.stringify(device))

/**
 * Decrypts `sessions.device_enc`. A device that cannot be decrypted is empty, so that the session is shown.
 */
export async function decryptDevice(key: CryptoKey, row: DeviceRow, stored: string | null): Promise<SessionDevice> {
  if (stored === null) return {}
  try {
    sessionDeviceSchema ??= schema()
    return readStored(sessionDeviceSchema, await decryptField(key, expiring(placeOf(row)), stored))
  } catch (error) {
    if (error instanceof CiphertextError || error instanceof UnreadableJson) return {}
    throw error
  }
}

const placeOf = ({ userId, sessionId }: DeviceRow) => ({
  table: 'sessions',
  column: 'device_enc',
  owner: userId,
  row: sessionId,
})

/**
 * The blind index of a device. It is the same for all sessions of one user with one browser on one system,
 * and differs for every other user. Versions are left out, so that an update does not make a new device.
 * @returns the index under every root key version, newest first, so that a rotation does not make a new
 * device
 */
export function indexDevice(ring: KeyRing, userId: UserId, client: ClientDetails): Promise<string[]> {
  const { browser = '', system = '' } = readDevice(client)
  return blindIndexes(ring, 'deviceIndex', JSON.stringify([userId, browser, system]))
}

/**
 * The same for every use of one session from one network (/24 of IPv4, /48 of IPv6) with one browser on one
 * system. The session is part of it, so the fingerprints of two sessions cannot be compared. Under every root
 * key version, newest first.
 */
export function indexClient(ring: KeyRing, sessionId: SessionId, client: ClientDetails): Promise<BlindIndexes> {
  const { browser = '', system = '' } = readDevice(client)
  return blindIndexes(ring, 'clientIndex', JSON.stringify([sessionId, surroundingNetwork(client.ip), browser, system]))
}

/**
 * SQL condition: this session exists, its user has other sessions, and none of those is of this device. Index
 * `sessions_user_device`. The first two conditions compare a value instead of using EXISTS: SQLite would turn
 * EXISTS into a join and evaluate the device condition for each of the user's sessions.
 */
export const isNewDevice = ({ sessionId, userId, deviceIndexes }: DeviceOfSession): SQL => sql`
  (SELECT 1 FROM sessions WHERE id = ${sessionId}) = 1
  AND (SELECT 1 FROM sessions WHERE user_id = ${userId} AND id <> ${sessionId} LIMIT 1) = 1
  AND NOT EXISTS (
    SELECT 1 FROM sessions WHERE user_id = ${userId} AND device_index IN ${[...deviceIndexes]} AND id <> ${sessionId})`

interface DeviceOfSession {
  readonly sessionId: SessionId
  readonly userId: UserId
  readonly deviceIndexes: readonly string[]
}
