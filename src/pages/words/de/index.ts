import type { Subject } from '../subject.ts'
import type { Words } from '../words-of-pages.ts'
import { germanCommon } from './common.ts'
import { germanIdentities, germanPlaces, germanSessions } from './devices.ts'
import { germanDocument } from './document.ts'
import { germanHome } from './home.ts'
import { germanLinks } from './links.ts'
import { germanMessages, germanPasswordReasons } from './messages.ts'
import { germanConsents, germanDelete, germanExport } from './privacy.ts'
import { germanProfile } from './profile.ts'
import { germanSecurity } from './security.ts'
import { germanSecondStep, germanSignIn } from './sign-in.ts'
import { germanComingBack, germanForgotPassword, germanSignUp } from './sign-up.ts'
import { germanStepUp } from './step-up.ts'

/** German, formal. */
export const german = (about: Subject): Words => ({
  titles: germanDocument(about.product).titles,
  common: germanCommon(about),
  messages: germanMessages(about),
  passwordReasons: germanPasswordReasons,
  links: germanLinks(about),
  signIn: germanSignIn(about),
  secondStep: germanSecondStep(about),
  signUp: germanSignUp(about),
  forgotPassword: germanForgotPassword(about),
  comingBack: germanComingBack(about),
  stepUp: germanStepUp,
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
