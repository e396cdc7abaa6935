import { MAIL_LINK_MINUTES, OAUTH_FLOW_MINUTES, UNDO_EMAIL_DAYS, UNDO_PASSKEY_DAYS } from '../../core/lifetimes.ts'
import { englishEnrolFirst, englishSecondStep, englishSecurity, englishSignInPage } from './en-sign-in.ts'
import type { PageWordsAbout } from './words.ts'

const INCOMPLETE = 'This link is incomplete'
const USELESS = 'This link no longer works'
const OPEN_WHOLE_LINK = 'Open the link in the e-mail again, or copy the whole link into the address bar.'
const ONCE = `Each link works once, within ${MAIL_LINK_MINUTES} minutes.`
const NOTHING_THERE =
  'Nothing there after a few minutes? Check your spam folder, and check the spelling of the address.'

/** English. */
export const englishPageWords: PageWordsAbout = ({ product, passwordMinLength }) => ({
  needsScript: 'This page needs JavaScript. Please enable it for this page and reload.',
  email: 'E-mail address',
  password: 'Password',
  newPassword: 'New password',
  newPasswordHint: `At least ${passwordMinLength} characters. Several words make a good password.`,
  showPassword: 'Show password',
  forgotPassword: 'Forgot password',
  signInWith: 'Sign in with {provider} instead',
  totp: 'Code from your authenticator app',
  totpHint: 'Six digits. They change every 30 seconds.',
  recoveryCode: 'Recovery code',
  recoveryCodeHint: 'Upper and lower case and dashes do not matter.',
  mailCode: 'Code from the e-mail',
  mailCodeHint: 'Eight digits.',
  passkeyName: 'Name',
  buttons: {
    cancel: 'Cancel',
    startAgain: 'Start again',
    useApp: 'Use my authenticator app',
    useRecoveryCode: 'Use a recovery code',
    mailAgain: 'Send the code again',
    usePasskey: 'Sign in with a passkey',
    usePasskeyStep: 'Use a passkey or security key',
    makePasskey: 'Add a passkey instead',
    mailCode: 'E-mail me a code',
    enterCode: 'Enter the code from the e-mail',
  },
  security: englishSecurity(product),
  messages: {
    rate_limited: 'Too many attempts. Please try again {time}.',
    invalid_credentials: 'The e-mail address or password is wrong.',
    account_suspended: `This account is suspended. Please contact the operator of ${product}.`,
    email_unverified:
      'The e-mail address of this account is not confirmed yet. Please open the link in the confirmation e-mail first.',
    password_reset_required: 'This password is no longer valid. Please choose a new one with “Forgot password” first.',
    provider_failed: 'That sign-in did not work. Please try again, or use your password.',
    not_linked: `The account that you signed in with is not linked to an account at ${product}. Please use a different one, or your password.`,
    second_factor_required: `This account has no second step that works. Please contact the operator of ${product}.`,
    invalid_second_factor:
      'That code is wrong or was already used. Wait for the next one, and check that the clock of your device is right.',
    invalid_mail_code: 'The code from the e-mail is wrong. Please check it, or have it sent again.',
    mail_code_wrong: 'That code is wrong, was already used, or is too old. Please check it, or start again.',
    mail_codes_used_up: 'Too many codes. Please open the link in the e-mail, in this browser, or try again {time}.',
    passkey_failed: 'That did not work with this browser or device. Please try again, or use another way.',
    passkey_refused: 'That passkey was not accepted. Please start again with another one, or use another way.',
    passkey_removed:
      'This passkey was removed from the account, so it does not sign in any more. Please use another way.',
    passkey_known: 'This device already has a passkey of your account.',
    passkey_limit: 'Your account has as many passkeys as it can have. Remove one that you do not need.',
    last_credential: 'This is your only way to sign in. Add another one first.',
    took_too_long: 'That took too long. Please start again.',
    factor_required: 'Two-step sign-in needs this. Turn it off first, if your account may do without it.',
    no_factor: 'Add an authenticator app or a security key first.',
    factor_enrolment_required: 'Your account needs a second step by now. Sign out, and add it when you sign in again.',
    failed: 'That did not work: the service could not be reached, or something went wrong. Please try again.',
    missing: 'Please fill in this field.',
    email_refused: 'Please enter an e-mail address, such as name@example.com.',
    password_too_short: `Please use at least ${passwordMinLength} characters.`,
    totp_refused: 'Please enter the six digits that your app shows.',
    code_refused: 'Please enter the six digits that the app shows now.',
    mail_code_refused: 'Please enter the digits from the e-mail.',
    recovery_code_refused: 'Please enter one whole recovery code.',
    refused: 'Please choose another one. This one',
  },
  notices: {
    totp_added: 'Your authenticator app is set up.',
    passkey_added: 'Your new passkey is added.',
    passkey_named: 'The new name is saved.',
    passkey_dropped: 'It is removed.',
    security_key_added: 'Your security key is added.',
    totp_removed: 'The authenticator app is removed.',
    codes_made: 'New recovery codes are made.',
    two_step_on: 'Two-step sign-in is on.',
    two_step_off: 'Two-step sign-in is off.',
    reset_cancelled: 'Your second step stays as it is.',
    copied: 'The codes are copied.',
    not_copied: 'The codes could not be copied. Please select them, or download them.',
  },
  passwordReasons: {
    'must not contain your e-mail address, your name or the name of this service':
      'Please choose a password that does not contain your e-mail address, your name or the name of this service.',
    'must not be one of the most common passwords': 'Many people use this password. Please choose another one.',
    'must not be known from a data breach':
      'This password has appeared in a data breach at another service. Please choose another one.',
  },
  pages: {
    'verify-email': {
      ask: {
        heading: 'Confirm your e-mail address',
        text: [
          `An account at ${product} was opened with your address. If that was you, please confirm that the address is yours.`,
        ],
        action: 'Confirm address',
      },
      done: {
        heading: 'Your address is confirmed',
        text: [`You can close this page and continue in ${product}.`],
      },
      invalid_token: {
        heading: USELESS,
        text: [
          'If you have already confirmed your address, you do not need to do anything.',
          `${ONCE} Enter your address to get a new link.`,
        ],
        action: 'Send a new link',
      },
      no_token: {
        heading: INCOMPLETE,
        text: [OPEN_WHOLE_LINK, 'Or enter your address to get a new link.'],
        action: 'Send a new link',
      },
      sent: {
        heading: 'Check your inbox',
        text: [
          'If there is an account with this address that is not confirmed yet, a new link is on its way.',
          NOTHING_THERE,
        ],
      },
    },
    'confirm-email': {
      ask: {
        heading: 'Confirm your new e-mail address',
        text: [
          `This will become the address of your account at ${product}. If you asked for this change, sign in once more to confirm it. Use the e-mail address and password that the account has now.`,
          'If you did not ask for it, close this page: nothing will change.',
        ],
        action: 'Confirm new address',
      },
      done: {
        heading: 'Your new address is confirmed',
        text: [`From now on, sign in to ${product} with this address.`],
      },
      invalid_token: {
        heading: USELESS,
        text: [
          'If you have already confirmed your new address, you do not need to do anything.',
          `${ONCE} It works only for the account that asked for the change, and only while the session that asked for it is still signed in.`,
          `Otherwise, change the address in ${product} again to get a new link.`,
        ],
      },
      no_token: {
        heading: INCOMPLETE,
        text: [OPEN_WHOLE_LINK],
      },
      ...englishSecondStep,
      enrol: englishEnrolFirst,
    },
    'undo-email': {
      ask: {
        heading: 'Undo the change of your e-mail address',
        text: [
          `Your account at ${product} will get its old address back.`,
          'Someone else may know your password. For this reason, you will be signed out on all devices, and the password will stop working. We will then send a link to choose a new password to the old address.',
        ],
        action: 'Undo the change',
      },
      done: {
        heading: 'The change has been undone',
        text: [
          'Your account has its old address again. You were signed out on all devices, and the password no longer works.',
          'An e-mail with a link to choose a new password is on its way to the old address.',
        ],
      },
      invalid_token: {
        heading: USELESS,
        text: [
          'If you have already undone the change, you only need to choose a new password: check your inbox.',
          `Each link works once, within ${UNDO_EMAIL_DAYS} days. If someone else changed the address and the time is over, please contact the operator of ${product}.`,
        ],
      },
      no_token: {
        heading: INCOMPLETE,
        text: [OPEN_WHOLE_LINK],
      },
    },
    'undo-passkey': {
      ask: {
        heading: 'Remove the new passkey',
        text: [
          `A passkey or security key was added to your account at ${product}. If you did not add it, remove it here. This signs out all devices.`,
          'If you added it, close this page: it stays.',
        ],
        action: 'Remove the passkey',
      },
      done: {
        heading: 'The passkey is removed',
        text: [
          'It no longer works for your account, and all devices were signed out.',
          `Whoever added it was signed in to your account. Open ${product} yourself and choose “Forgot password” to set a new password.`,
          'Recovery codes that were made with it or later no longer work. If your account then has no second step, you set one up when you sign in next.',
        ],
      },
      invalid_token: {
        heading: 'There is nothing to remove',
        text: [
          `The passkey was already removed, or the ${UNDO_PASSKEY_DAYS} days are over.`,
          'If the time is over, you can remove the passkey in the settings of your account.',
        ],
      },
      no_token: {
        heading: INCOMPLETE,
        text: [OPEN_WHOLE_LINK],
      },
    },
    'keep-factors': {
      ask: {
        heading: 'Keep your second step',
        text: [
          `The operators of ${product} were asked to remove the second step of your account. If you did not ask for that, cancel it here.`,
          'If you asked for it, close this page: your second step will be removed as planned.',
        ],
        action: 'Keep my second step',
      },
      done: {
        heading: 'Your second step stays',
        text: [
          'Nothing will be removed from your account.',
          `Someone else may want to get into it. Choose a new password in ${product} if you use yours elsewhere too, and tell the operators of ${product} that you did not ask for this.`,
        ],
      },
      invalid_token: {
        heading: 'There is nothing to cancel',
        text: [
          'The removal was already cancelled, or the second step has been removed.',
          `If it has been removed and you did not ask for that, contact the operators of ${product} now.`,
        ],
      },
      no_token: {
        heading: INCOMPLETE,
        text: [OPEN_WHOLE_LINK],
      },
    },
    'reset-password': {
      ask: {
        heading: 'Choose a new password',
        text: [`This signs you out of ${product} on all devices.`],
        action: 'Set new password',
      },
      done: {
        heading: 'Your new password is set',
        text: [`You were signed out on all devices. Please sign in to ${product} with the new password.`],
      },
      invalid_token: {
        heading: USELESS,
        text: [`${ONCE} If you cannot sign in with your new password either, ask for a new link.`],
        action: 'Ask for a new link',
      },
      no_token: {
        heading: INCOMPLETE,
        text: [OPEN_WHOLE_LINK, 'Or ask for a new link.'],
        action: 'Ask for a new link',
      },
    },
    restore: {
      ask: {
        heading: 'Restore your account',
        text: [`Your account at ${product} was deleted, and its data will soon be erased. Do you want it back?`],
        action: 'Restore account',
      },
      sign_in: {
        heading: 'Restore your account',
        text: [
          `If you deleted your account at ${product} and its data has not been erased yet, you can restore it with your e-mail address and password.`,
        ],
        action: 'Restore account',
      },
      done: {
        heading: 'Your account is restored',
        text: [`Nothing will be erased. Sign in to ${product} as before.`],
      },
      reset_required: {
        heading: 'Your account is restored',
        text: [
          'Nothing will be erased.',
          `The old password no longer works. Please choose a new one before you sign in to ${product}.`,
        ],
        action: 'Choose a new password',
      },
      invalid_token: {
        heading: 'The account was not restored',
        text: [
          'The link was already used or has expired, or the data has been erased.',
          'If you are not sure, try your e-mail address and password.',
        ],
        action: 'Restore with a password',
      },
      not_deleted: {
        heading: 'This account is not deleted',
        text: [`There is nothing to restore. Sign in to ${product} as before.`],
      },
    },
    'forgot-password': {
      ask: {
        heading: 'Forgot your password?',
        text: [`Enter the address of your account at ${product}. We will send you a link to choose a new password.`],
        action: 'Send link',
      },
      sent: {
        heading: 'Check your inbox',
        text: [
          `If there is an account with this address, a link is on its way. It works once, within ${MAIL_LINK_MINUTES} minutes.`,
          NOTHING_THERE,
        ],
      },
    },
    'sign-in': englishSignInPage(product),
  },
  signInRefused: {
    invalid_state: {
      heading: 'This sign-in cannot continue',
      text: [
        `It was not started in this browser, took longer than ${OAUTH_FLOW_MINUTES} minutes, or is already complete.`,
        'Go back to where you wanted to sign in and start again. Please use only one window.',
      ],
    },
    other: {
      heading: 'The sign-in did not work',
      text: [
        `Go back to where you wanted to sign in and start again. If that does not help, send the details below to the operator of ${product}.`,
      ],
    },
    back: 'Back to the application',
  },
})
