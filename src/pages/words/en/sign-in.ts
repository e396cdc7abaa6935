import { TICKET_MINUTES } from '../../../core/lifetimes.ts'
import type { Subject } from '../../subject.ts'

export const englishSignIn = ({ product }: Subject) => ({
  lead: `Sign in to your account at ${product}.`,
  action: 'Sign in',
  forgotPassword: 'Forgot password',
  usePasskey: 'Sign in with a passkey',
  mailCode: 'E-mail me a code',
  enterCode: 'Enter the code from the e-mail',
  signInWith: 'Sign in with {provider}',
  noAccount: 'No account yet?',
  signUp: 'Create an account',
  timeNearlyOver: 'Less than a minute is left for this step. After that, you can start again.',
  mail: {
    heading: 'Check your inbox',
    text: [
      `If there is an account with this address, an e-mail is on its way. Enter its code here, or open its link in this browser, within ${TICKET_MINUTES['mail-sign-in']} minutes.`,
      'Nothing there? Check your spam folder, or start again and check the spelling of the address.',
    ],
    action: 'Sign in',
    again: 'Send the code again',
    sentAgain: 'Another e-mail is on its way. Its code replaces the one before.',
  },
  mailLink: {
    heading: 'Continue with this link',
    text: [`You asked ${product} for this link in this browser. It works once.`],
    action: 'Continue',
  },
  elsewhere: {
    heading: 'Go back to where you began',
    text: [
      'Another browser or device asked for this e-mail, or it is too old.',
      'Go back to where you began, and type the code from the e-mail there.',
    ],
    action: 'Sign in here instead',
  },
  restore: {
    heading: 'Your account is deleted',
    text: `You deleted your account at ${product}, and its data will be erased on {value}. Do you want it back?`,
    action: 'Restore my account',
  },
  uselessLink: {
    heading: 'This link does not work any more',
    text: 'It was used, or it is too old. If an operator sent it, ask for a new one. Otherwise please start again.',
    action: 'Go to sign-in',
  },
})

export const englishSecondStep = ({ product }: Subject) => ({
  passkey: {
    heading: 'Use your passkey or security key',
    lead: 'One more step: confirm with your passkey, or touch your security key.',
    action: 'Confirm',
    use: 'Use a passkey or security key',
  },
  totp: {
    heading: 'Enter your code',
    lead: 'One more step: open your authenticator app, and enter the six digits that it shows.',
    action: 'Continue',
    use: 'Use my authenticator app',
  },
  recovery_code: {
    heading: 'Enter a recovery code',
    lead: 'Enter one of the recovery codes that you saved. Each code works once.',
    action: 'Use this code',
    use: 'Use a recovery code',
  },
  usedCode: {
    text: 'You signed in with a recovery code. Unused codes: {value}. If your app is lost, replace it now, and make new codes.',
    heading: 'You used a recovery code',
    action: 'Continue',
    toSecurity: 'Go to “How you sign in”',
  },
  enrol: {
    heading: 'A second step is required',
    text: [
      'Your account has to sign in with a second step, and has none yet. It takes a minute, and you need an authenticator app on your phone or computer.',
      'First we send a code to your e-mail address.',
    ],
    action: 'Send code',
  },
  enrolByLink: {
    heading: 'Set up a second step',
    text: [`An operator of ${product} gave you this link. Add an authenticator app to your account, and then sign in.`],
    action: 'Begin',
  },
  addApp: {
    heading: 'Set up your second step',
    both: 'Enter both the code from the e-mail and the six digits.',
    action: 'Finish',
  },
  withPasskey: 'Use a passkey instead',
  withSecurityKey: 'Use a security key instead',
  addPasskey: {
    heading: 'Set up your second step',
    text: 'Your browser asks you to create the passkey, or to touch the security key.',
    withCode:
      'Enter the code from the e-mail. Your browser then asks you to create the passkey, or to touch the security key.',
    action: 'Finish',
  },
  mailAgain: 'Send the code again',
  mailedAgain: 'Another e-mail with the code is on its way.',
})
