import type { UserId } from '../core/ids.ts'
import type { DataKeyLookup } from '../core/ports.ts'
import type { Profile } from '../core/profile.ts'
import { CiphertextError } from '../crypto/field-cipher.ts'
import { decryptProfile, type EncryptedProfile } from '../storage/database/profile-row.ts'
import { decryptEmail } from '../storage/database/users.ts'
import { maskEmail, maskProfile } from './mask.ts'
import type { PersonalView } from './user-views.ts'

/** An address and a profile, as they are stored. */
interface EncryptedPerson extends EncryptedProfile {
  readonly id: UserId
  readonly email_enc: string
}

interface Person {
  readonly email: string
  readonly profile: Profile
}

const UNREADABLE: PersonalView = { email: null, profile: null }

/**
 * Decrypts personal data, and masks it unless it is revealed. Data that cannot be decrypted is null, so that
 * the account can still be shown.
 */
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
    return isRevealed ? { email, profile } : maskPerson({ email, profile })
  } catch (error) {
    if (error instanceof CiphertextError) return UNREADABLE
    throw error
  }
}

/** Masks personal data: what an operator sees without giving a reason. */
export const maskPerson = ({ email, profile }: Person): PersonalView => ({
  email: maskEmail(email),
  profile: maskProfile(profile),
})
