import { identityPersonalData as identity } from '../identity/personal-data.ts'
import { mailPersonalData as mail } from '../mail/personal-data.ts'
import { profilePersonalData as profile } from '../profile/personal-data.ts'
import { sessionsPersonalData as auth } from '../sessions/personal-data.ts'
import type { PersonalDataOwner } from '../storage/database/personal-data.ts'
import { compliancePersonalData as compliance } from './personal-data.ts'

/** Everyone who holds personal data, in erase order: what refers to `users` goes before `users`. */
export const personalDataOwners: readonly PersonalDataOwner[] = [compliance, mail, auth, profile, identity]
