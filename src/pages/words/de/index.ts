import type { Subject } from '../../subject.ts'
import type { Words } from '../words-of-pages.ts'
import { germanCommon } from './common.ts'
import { germanDocument } from './document.ts'
import { germanMessages, germanPasswordReasons } from './messages.ts'
import { germanSecondStep, germanSignIn } from './sign-in.ts'
import { germanComingBack, germanDocuments, germanForgotPassword, germanSignUp } from './sign-up.ts'
import { germanStepUp } from './step-up.ts'

/** German, formal. */
export const german = (about: Subject): Words => ({
  titles: germanDocument(about.product).titles,
  common: germanCommon(about),
  messages: germanMessages(about),
  passwordReasons: germanPasswordReasons,
  signIn: germanSignIn(about),
  secondStep: germanSecondStep(about),
  signUp: germanSignUp(about),
  documents: germanDocuments(about),
  forgotPassword: germanForgotPassword(about),
  comingBack: germanComingBack(about),
  stepUp: germanStepUp,
})
