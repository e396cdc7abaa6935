import type { Subject } from '../../subject.ts'
import { englishIdentities, englishPlaces, englishSessions } from './devices.ts'
import { englishHome } from './home.ts'
import { englishLinks } from './links.ts'
import { englishConsents, englishDelete, englishExport } from './privacy.ts'
import { englishProfile } from './profile.ts'
import { englishSecurity } from './security.ts'

/**
 * The words of the screens of one's own, and of those that mails lead to. They are loaded with the first of
 * them.
 */
export const englishAccount = (about: Subject) => ({
  links: englishLinks(about),
  security: englishSecurity(about),
  home: englishHome(about),
  profile: englishProfile,
  places: englishPlaces,
  sessions: englishSessions,
  identities: englishIdentities,
  consents: englishConsents(about),
  export: englishExport(about),
  delete: englishDelete(about),
})
