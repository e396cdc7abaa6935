import { TICKET_MINUTES } from '../../core/lifetimes.ts'
import type { SecurityWords, SignInViews } from './sign-in-words.ts'
import type { SecondStepViews } from './words.ts'

const LOST_ALL =
  'If you lose both your second step and your recovery codes, nobody can sign you in: neither a new password nor an e-mail replaces them.'
const SCAN = 'Scan the QR code with an authenticator app, or type the key into it. The app then shows six digits.'

export const englishSecondStep: SecondStepViews = {
  passkey_step: {
    heading: 'Use your passkey or security key',
    text: ['One more step: confirm with your passkey, or touch your security key.'],
    action: 'Confirm',
  },
  second_step: {
    heading: 'Enter your code',
    text: ['One more step: open your authenticator app, and enter the six digits that it shows.'],
    action: 'Continue',
  },
  recovery_code: {
    heading: 'Enter a recovery code',
    text: ['Enter one of the recovery codes that you saved. Each code works once.'],
    action: 'Use this code',
  },
  enrol: {
    heading: 'A second step is required',
    text: [
      'Your account has to sign in with a second step, and has none yet. It takes a minute, and you need an authenticator app on your phone or computer.',
      'First we send a code to your e-mail address.',
    ],
    action: 'Send code',
  },
}

export const englishEnrolFirst: SecondStepViews['enrol'] = {
  heading: 'A second step is required',
  text: [
    'Your account has to sign in with a second step, and has none yet. Please sign in once to set it up, and then open the link in the e-mail again.',
  ],
  action: 'Sign in',
}

/** @param product the name of the service */
export const englishSignInPage = (product: string): SignInViews => ({
  ...englishSecondStep,
  ask: {
    heading: 'Sign in',
    text: [`Sign in to your account at ${product} to see and change how you sign in.`],
    action: 'Sign in',
  },
  mail_code: {
    heading: 'Check your inbox',
    text: [
      `If there is an account with this address, an e-mail is on its way. Enter its code here, or open its link in this browser, within ${TICKET_MINUTES['mail-sign-in']} minutes.`,
      'Nothing there? Check your spam folder, or start again and check the spelling of the address.',
    ],
    action: 'Sign in',
  },
  sign_in_by_link: {
    heading: 'Sign in with this link',
    text: [`This browser asked for the link. It signs in to your account at ${product}, once.`],
    action: 'Sign in',
  },
  open_elsewhere: {
    heading: 'Go back to where you began',
    text: [
      'Another browser or device asked for this e-mail, or it is too old.',
      'Go back to where you began, and type the code from the e-mail there.',
    ],
  },
  restore_offer: {
    heading: 'Your account is deleted',
    text: [`You deleted your account at ${product}, and its data will soon be erased. Do you want it back?`],
    action: 'Restore my account',
  },
  enrol_totp: {
    heading: 'Set up your second step',
    text: [SCAN, 'Enter both the code from the e-mail and the six digits.'],
    action: 'Finish',
  },
  enrol_by_link: {
    heading: 'Set up a second step',
    text: [`An operator of ${product} gave you this link. Add an authenticator app to your account, and then sign in.`],
    action: 'Begin',
  },
  invalid_token: {
    heading: 'This link does not work any more',
    text: ['It was used, or it is too old. If an operator sent it, ask for a new one. Otherwise please start again.'],
    action: 'Go to sign-in',
  },
  link_totp: { heading: 'Set up your second step', text: [SCAN], action: 'Finish' },
  security: {
    heading: 'How you sign in',
    text: [`Everything that signs in to your account at ${product}.`],
  },
  add_totp: {
    heading: 'Set up an authenticator app',
    text: [SCAN, 'It replaces an app that you set up before. You will be signed out on other devices.'],
    action: 'Confirm app',
  },
  codes: {
    heading: 'Save your recovery codes',
    text: [
      'They let you in when you do not have your authenticator app or security key. Each works once. Keep them where you also find them without your phone. They are shown only now.',
      LOST_ALL,
    ],
    action: 'I have saved them',
  },
  remove_totp: {
    heading: 'Remove the authenticator app?',
    text: ['Its codes will stop working.'],
    action: 'Remove app',
  },
  new_codes: {
    heading: 'Make new recovery codes?',
    text: ['All recovery codes that you have now will stop working.'],
    action: 'Make new codes',
  },
  two_step_off: {
    heading: 'Turn two-step sign-in off?',
    text: ['Your password alone will be enough to sign in.'],
    action: 'Turn off',
  },
  rename_passkey: {
    heading: 'Choose a name',
    text: ['With a name you know later which one it is.'],
    action: 'Save name',
  },
  remove_passkey: {
    heading: 'Remove it?',
    text: ['It will not sign you in any more, here and on all devices that have it.'],
    action: 'Remove',
  },
  step_up_password: {
    heading: 'Is it still you?',
    text: ['Please enter your password again before this change.'],
    action: 'Confirm',
  },
  step_up_code: {
    heading: 'Is it still you?',
    text: [
      'Please enter a code from your authenticator app before this change. If you do not have it, sign in again with a recovery code.',
    ],
    action: 'Confirm',
  },
  step_up_passkey: {
    heading: 'Is it still you?',
    text: ['Please confirm with your passkey or security key before this change.'],
    action: 'Confirm',
  },
  step_up_mail: {
    heading: 'Is it still you?',
    text: ['Before this change we send a code to your e-mail address.'],
    action: 'Send code',
  },
  step_up_mail_code: {
    heading: 'Is it still you?',
    text: ['A code is on its way to your e-mail address.'],
    action: 'Confirm',
  },
  signed_out: {
    heading: 'You are signed out',
    text: ['To go on, please sign in again.'],
    action: 'Sign in again',
  },
})

/** @param product the name of the service */
export const englishSecurity = (product: string): SecurityWords => ({
  qrCode: 'QR code with the key for your authenticator app',
  secret: 'Key',
  openApp: 'Open in an app on this device',
  copyCodes: 'Copy codes',
  downloadCodes: 'Download codes',
  codesFile: 'recovery-codes.txt',
  codesFileHeading: `Recovery codes for ${product}. Each works once.`,
  reset: {
    heading: 'Your second step will be removed',
    due: 'An operator was asked to remove your second step, and it will happen on {value}. If you did not ask for this, cancel it and change your password.',
    cancel: 'Cancel the removal',
  },
  usedCode:
    'You signed in with a recovery code. Unused codes: {value}. If your app is lost, replace it now, and make new codes.',
  password: {
    heading: 'Password and accounts',
    set: 'Your account has a password.',
    changed: 'It was last changed on {value}.',
    unset: 'Your account has no password.',
    change: 'Choose a new password',
    providers: 'You can also sign in with {value}.',
  },
  twoStep: {
    heading: 'Two-step sign-in',
    on: 'On: your password alone does not sign in.',
    since: 'Since {value}.',
    off: 'Off.',
    due: 'Your account needs it from {value}.',
    how: 'To turn it on, add an authenticator app or a security key.',
    turnOn: 'Turn on',
    turnOff: 'Turn off',
  },
  passkeys: {
    heading: 'Passkeys and security keys',
    about:
      'A passkey signs you in without a password, with the lock of your phone or computer. A security key is a second step after your password.',
    unset: 'You have none yet.',
    passkey: 'Passkey',
    key: 'Security key',
    provider: 'Kept by {value}.',
    added: 'Added on {value}.',
    used: 'Last used on {value}.',
    unused: 'Not used yet.',
    synced: 'Also on your other devices.',
    secondFactorOnly: 'Only for the second step.',
    suspended: 'Blocked, because it may have been copied. Remove it, and add it again.',
    otherDomain: 'Made for another address of this service, so it does not work here.',
    rename: 'Rename',
    remove: 'Remove',
    add: 'Add a passkey',
    addKey: 'Add a security key',
  },
  app: {
    heading: 'Authenticator app',
    added: 'Added on {value}.',
    unset: 'None yet.',
    add: 'Add app',
    replace: 'Replace app',
    remove: 'Remove app',
  },
  codes: {
    heading: 'Recovery codes',
    left: 'Unused codes: {value}.',
    made: 'Made on {value}.',
    unset: 'None. You get them when you add an authenticator app or a security key.',
    make: 'Make new codes',
  },
  signOut: 'Sign out',
})
