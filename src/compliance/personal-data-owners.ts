import { personalData as auth } from '../auth/personal-data.ts'
import { personalData as identity } from '../identity/personal-data.ts'
import { personalData as mail } from '../mail/personal-data.ts'
import { personalData as profile } from '../profile/personal-data.ts'
import type { PersonalDataOwner } from '../storage/database/personal-data.ts'
import { personalData as compliance } from './personal-data.ts'

/** Everyone who holds personal data, in erase order: what refers to `users` goes before `users`. */
export const personalDataOwners: readonly PersonalDataOwner[] = [compliance, mail, auth, profile, identity]
