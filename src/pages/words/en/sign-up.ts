import { MAIL_LINK_MINUTES, TICKET_MINUTES } from '../../../core/lifetimes.ts'
import type { Subject } from '../../subject.ts'

const NOTHING_THERE =
  'Nothing there after a few minutes? Check your spam folder, and check the spelling of the address.'

export const englishSignUp = ({ product }: Subject) => ({
  lead: `Create your account at ${product}.`,
  name: 'Name',
  nameHint: 'You may leave this empty.',
  action: 'Create account',
  withoutPassword: 'Continue without a password',
  withProvider: 'Sign up with {value}',
  haveAccount: 'Already have an account?',
  sent: {
    heading: 'Check your inbox',
    text: [
      'An e-mail is on its way to {value}. Open its link to confirm the address, and then continue here.',
      NOTHING_THERE,
    ],
    action: 'Continue',
    again: 'Send the link again',
    sentAgain: 'Another e-mail is on its way.',
    otherAddress: 'Use another address',
  },
  mail: {
    text: [
      `An e-mail is on its way to {value}. Enter its code here, or open its link in this browser, within ${TICKET_MINUTES['mail-sign-in']} minutes.`,
      'Nothing there yet? Check your spam folder, or start again and check the spelling of the address.',
    ],
    action: 'Continue',
  },
  firstPasskey: {
    heading: 'Create your passkey',
    text: `Your address is confirmed. With a passkey you sign in to ${product} with the lock of your phone or computer, without a password.`,
    none: 'Your address is confirmed. This browser has no passkeys, so please choose a password.',
    action: 'Create passkey',
    password: 'Use a password instead',
  },
})

/** Documents that people agree to. `{value}` becomes the title, which is a link. */
export const englishDocuments = ({ product }: Subject) => ({
  legend: 'Your consent',
  newTab: 'The links open in a new tab.',
  agree: 'I agree: {value}',
  required: 'Required.',
  optional: 'Optional.',
  missing: {
    heading: 'Before you go on',
    text: `${product} needs your consent to the following.`,
    action: 'Continue',
  },
})

export const englishForgotPassword = ({ product }: Subject) => ({
  lead: `Enter the address of your account at ${product}. We will send you a link to choose a new password.`,
  action: 'Send link',
  back: 'Back to sign-in',
  sent: {
    heading: 'Check your inbox',
    text: [
      `If there is an account with this address, a link is on its way. It works once, within ${MAIL_LINK_MINUTES} minutes.`,
      NOTHING_THERE,
    ],
  },
})

/** An application sent the person here. `{value}` becomes its host, or the address of the account. */
export const englishComingBack = ({ product }: Subject) => ({
  heading: 'Sign in to continue to {value}',
  lead: `Sign in to your account at ${product}. You then go back to the application.`,
  signUpLead: `Create your account at ${product}. You then go back to the application.`,
  continueHeading: 'Continue to {value}',
  signedInAs: `You are signed in to ${product} as {value}.`,
  signedIn: `You are signed in to ${product}.`,
  action: 'Continue',
  otherAccount: 'Use another account',
  giveUp: 'Do not sign in, and go back',
  goingOn: 'You are signed in. Going back to the application …',
  wrong: {
    heading: 'This link is wrong',
    text: [
      'The application that sent you here is not known to this service, or its link is incomplete. For your safety, this page does not lead back to it.',
      `Please tell the operator of that application, or the operator of ${product}.`,
    ],
  },
})
