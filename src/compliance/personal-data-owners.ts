import { identityPersonalData } from '../identity/personal-data.ts'
import { mailPersonalData } from '../mail/personal-data.ts'
import { profilePersonalData } from '../profile/personal-data.ts'
import { sessionsPersonalData } from '../sessions/personal-data.ts'
import { passkeysPersonalData } from '../sign-in/passkey/personal-data.ts'
import { secondFactorPersonalData } from '../sign-in/second-factor/personal-data.ts'
import type { PersonalDataOwner } from '../storage/database/personal-data.ts'
import { compliancePersonalData } from './personal-data.ts'

/** All owners of personal data, in erase order: tables that refer to `users` come before `users`. */
export const personalDataOwners: readonly PersonalDataOwner[] = [
  compliancePersonalData,
  mailPersonalData,
  secondFactorPersonalData,
  passkeysPersonalData,
  sessionsPersonalData,
  profilePersonalData,
  identityPersonalData,
]
