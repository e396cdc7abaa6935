import type { Subject } from '../subject.ts'
import { englishCommon } from './common.ts'
import { englishIdentities, englishPlaces, englishSessions } from './devices.ts'
import { englishDocument } from './document.ts'
import { englishHome } from './home.ts'
import { englishLinks } from './links.ts'
import { englishMessages, englishPasswordReasons } from './messages.ts'
import { englishConsents, englishDelete, englishExport } from './privacy.ts'
import { englishProfile } from './profile.ts'
import { englishSecurity } from './security.ts'
import { englishSecondStep, englishSignIn } from './sign-in.ts'
import { englishComingBack, englishForgotPassword, englishSignUp } from './sign-up.ts'
import { englishStepUp } from './step-up.ts'

/** All words of the screens in English, which say which words another language must have. */
export const english = (about: Subject) => ({
  titles: englishDocument(about.product).titles,
  common: englishCommon(about),
  messages: englishMessages(about),
  passwordReasons: englishPasswordReasons,
  links: englishLinks(about),
  signIn: englishSignIn(about),
  secondStep: englishSecondStep(about),
  signUp: englishSignUp(about),
  forgotPassword: englishForgotPassword(about),
  comingBack: englishComingBack(about),
  stepUp: englishStepUp,
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
