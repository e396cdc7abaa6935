import { decryptField, encryptField } from '../../crypto/field-cipher.ts'

const placeOf = (owner: string) => ({ table: 'users', column: 'email_enc', owner })

/** Encrypts `users.email_enc`. */
export const encryptEmail = (key: CryptoKey, userId: string, email: string): Promise<string> =>
  encryptField(key, placeOf(userId), email)

/** @throws CiphertextError */
export const decryptEmail = (key: CryptoKey, userId: string, stored: string): Promise<string> =>
  decryptField(key, placeOf(userId), stored)
