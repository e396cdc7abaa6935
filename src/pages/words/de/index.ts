import type { Subject } from '../subject.ts'
import type { Words } from '../words-of-pages.ts'
import { germanCommon } from './common.ts'
import { germanDocument } from './document.ts'
import { germanLinks } from './links.ts'
import { germanMessages, germanPasswordReasons } from './messages.ts'
import { germanSecondStep, germanSignIn, germanStepUp } from './sign-in.ts'

/** German, formal. */
export const german = (about: Subject): Words => ({
  titles: germanDocument(about.product).titles,
  common: germanCommon(about),
  messages: germanMessages(about),
  passwordReasons: germanPasswordReasons,
  links: germanLinks(about),
  signIn: germanSignIn(about),
  secondStep: germanSecondStep,
  stepUp: germanStepUp,
})
