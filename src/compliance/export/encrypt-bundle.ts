import { decryptField, encryptField } from '../../crypto/field-cipher.ts'
import { expiring } from '../../storage/database/unbound-ciphertexts.ts'
import type { ExportRef } from './export-ref.ts'

const placeOf = ({ id, userId }: ExportRef) => ({
  table: 'exports',
  column: `bundle/${id}`,
  owner: userId,
  row: id,
})

/**
 * Encrypts a bundle under the person's key, for the vault. Destroying the key makes the bundle unreadable.
 */
export const encryptBundle = (key: CryptoKey, ref: ExportRef, bundle: object): Promise<string> =>
  encryptField(key, placeOf(ref), JSON.stringify(bundle))

/**
 * @returns the bundle's JSON text
 * @throws CiphertextError when the bundle was altered or belongs to another export
 */
export const decryptBundle = (key: CryptoKey, ref: ExportRef, sealed: string): Promise<string> =>
  decryptField(key, expiring(placeOf(ref)), sealed)
