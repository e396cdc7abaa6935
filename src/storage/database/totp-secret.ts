import type { UserId } from '../../core/ids.ts'
import { decryptField, encryptField } from '../../crypto/field-cipher.ts'

/** Where the secret of this user's authenticator app is stored. Version 0.2.0 had none. */
const placeOf = (userId: UserId) =>
  ({ table: 'totp_factors', column: 'secret_enc', owner: userId, row: userId, unbound: 'refused' }) as const

/**
 * @param key the person's data key
 * @param secret 160 bits, base32
 */
export const sealTotpSecret = (key: CryptoKey, userId: UserId, secret: string): Promise<string> =>
  encryptField(key, placeOf(userId), secret)

/** @returns 160 bits, base32. @throws CiphertextError if the column was altered or moved */
export const openTotpSecret = (key: CryptoKey, userId: UserId, stored: string): Promise<string> =>
  decryptField(key, placeOf(userId), stored)
