import type { UserId } from '../core/ids.ts'
import type { DataKeyLookup } from '../core/ports.ts'
import type { Profile } from '../core/profile.ts'
import { CiphertextError } from '../crypto/field-cipher.ts'
import { decryptEmail } from '../storage/database/email-field.ts'
import { decryptProfile, type EncryptedProfile } from '../storage/database/profile-row.ts'
import { MASK, maskEmail, maskName, maskPhoneNumber } from './mask.ts'

/** What an operator sees of a person. Null: not set, or not readable. */
export interface PersonalView {
  readonly email: string | null
  readonly profile: Profile | MaskedProfile | null
}

/** Shows what is there, and how it begins where that helps to tell a person on the phone from another. */
type MaskedProfile = { readonly [Field in keyof Profile]: string | null }

interface EncryptedPerson extends EncryptedProfile {
  readonly id: UserId
  readonly email_enc: string
}

const UNREADABLE: PersonalView = { email: null, profile: null }

/** Decrypts, and masks unless revealed. What cannot be opened is null; the account is shown all the same. */
export async function readPersonalView(
  lookup: DataKeyLookup,
  person: EncryptedPerson,
  isRevealed: boolean,
): Promise<PersonalView> {
  if (lookup.kind !== 'found' || person.email_enc === '') return UNREADABLE
  try {
    const [email, profile] = await Promise.all([
      decryptEmail(lookup.key, person.id, person.email_enc),
      decryptProfile(lookup.key, person.id, person),
    ])
    return isRevealed ? { email, profile } : { email: maskEmail(email), profile: maskProfile(profile) }
  } catch (error) {
    if (error instanceof CiphertextError) return UNREADABLE
    throw error
  }
}

const maskProfile = (profile: Profile): MaskedProfile => ({
  full_name: profile.full_name === null ? null : maskName(profile.full_name),
  phone_number: profile.phone_number === null ? null : maskPhoneNumber(profile.phone_number),
  avatar_url: profile.avatar_url === null ? null : MASK,
  bio: profile.bio === null ? null : MASK,
  preferences: profile.preferences === null ? null : MASK,
})
