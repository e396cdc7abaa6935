import type { Subject } from '../../subject.ts'
import type { AccountWords } from '../words-of-pages.ts'
import { germanIdentities, germanPlaces, germanSessions } from './devices.ts'
import { germanHome } from './home.ts'
import { germanLinks } from './links.ts'
import { germanConsents, germanDelete, germanExport } from './privacy.ts'
import { germanProfile } from './profile.ts'
import { germanSecurity } from './security.ts'

export const germanAccount = (about: Subject): AccountWords => ({
  links: germanLinks(about),
  security: germanSecurity(about),
  home: germanHome(about),
  profile: germanProfile,
  places: germanPlaces,
  sessions: germanSessions,
  identities: germanIdentities,
  consents: germanConsents(about),
  export: germanExport(about),
  delete: germanDelete(about),
})
