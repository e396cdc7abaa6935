import type { Subject } from '../../subject.ts'
import { englishCommon } from './common.ts'
import { englishDocument } from './document.ts'
import { englishMessages, englishPasswordReasons } from './messages.ts'
import { englishSecondStep, englishSignIn } from './sign-in.ts'
import { englishComingBack, englishDocuments, englishForgotPassword, englishSignUp } from './sign-up.ts'
import { englishStepUp } from './step-up.ts'

/** The words that a person meets until they are signed in. English says which words there are. */
export const english = (about: Subject) => ({
  titles: englishDocument(about.product).titles,
  common: englishCommon(about),
  messages: englishMessages(about),
  passwordReasons: englishPasswordReasons,
  signIn: englishSignIn(about),
  secondStep: englishSecondStep(about),
  signUp: englishSignUp(about),
  documents: englishDocuments(about),
  forgotPassword: englishForgotPassword(about),
  comingBack: englishComingBack(about),
  stepUp: englishStepUp,
})
