import { UNBOUND_CIPHERTEXTS_END_MS } from '../../core/lifetimes.ts'
import type { FieldPlace } from '../../crypto/field-cipher.ts'

/**
 * A place whose rows expire. A ciphertext of version 0.2.0 is refused there after a fixed date, when no row
 * of that version is left. The date is part of the code: an attacker who can write the database cannot move
 * it. Before the date, such an attacker can move a ciphertext of version 0.2.0 to another row of its owner.
 */
export const expiring = (place: FieldPlace): FieldPlace =>
  Date.now() < UNBOUND_CIPHERTEXTS_END_MS ? place : { ...place, unbound: 'refused' }
