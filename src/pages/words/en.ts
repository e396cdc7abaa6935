import { MAIL_LINK_MINUTES, OAUTH_FLOW_MINUTES, UNDO_EMAIL_DAYS } from '../../core/lifetimes.ts'
import type { PageWordsAbout } from './words.ts'

const INCOMPLETE = 'This link is incomplete'
const USELESS = 'This link does not work any more'
const OPEN_WHOLE_LINK = 'Open the link from the mail again, or copy all of it into the address bar.'
const ONCE = `Links like this work once, for ${MAIL_LINK_MINUTES} minutes.`

/** English. */
export const englishPageWords: PageWordsAbout = ({ product, passwordMinLength }) => ({
  needsScript: 'This page needs JavaScript. Switch it on for this page, then load it again.',
  email: 'E-mail address',
  password: 'Password',
  newPassword: 'New password',
  newPasswordHint: `At least ${passwordMinLength} characters. Several words make a good one.`,
  showPassword: 'Show password',
  forgotPassword: 'Forgot password',
  signInWith: 'Sign in with {provider} instead',
  messages: {
    rate_limited: 'Too many attempts. Please try again {time}.',
    invalid_credentials: 'The e-mail address or the password is wrong.',
    account_suspended: `This account is suspended. Please ask whoever runs ${product}.`,
    email_unverified: 'The e-mail address of this account has not been confirmed. Confirm it first.',
    password_reset_required: 'This password is no longer accepted. Choose a new one with “Forgot password” first.',
    provider_failed: 'Signing in there did not work. Please try again, or use your password.',
    not_linked: `No account at ${product} is linked to the one that you signed in with. Please use another, or your password.`,
    failed: 'That did not work: the service could not be reached or did not answer as it should. Please try again.',
    missing: 'Please fill this in.',
    email_refused: 'Please enter an e-mail address, such as name@example.com.',
    password_too_short: `Please use at least ${passwordMinLength} characters.`,
    refused: 'Please choose another one. This one',
  },
  passwordReasons: {
    'must not contain your e-mail address, your name or the name of this service':
      'Please choose a password without your e-mail address, your name or the name of this service in it.',
    'must not be one of the most common passwords': 'Many people use this password. Please choose another one.',
    'must not be known from a data breach':
      'This password became known when some other service was broken into. Please choose another one.',
  },
  pages: {
    'verify-email': {
      ask: {
        heading: 'Confirm your e-mail address',
        text: [`An account at ${product} was opened with your address. If that was you, confirm that it is yours.`],
        action: 'Confirm address',
      },
      done: {
        heading: 'Your address is confirmed',
        text: [`You can close this page and go on in ${product}.`],
      },
      invalid_token: {
        heading: USELESS,
        text: [
          'If you have confirmed your address already, there is nothing left to do.',
          `${ONCE} Enter your address to get a new one.`,
        ],
        action: 'Send a new link',
      },
      no_token: {
        heading: INCOMPLETE,
        text: [OPEN_WHOLE_LINK, 'Or enter your address to get a new one.'],
        action: 'Send a new link',
      },
      sent: {
        heading: 'Look into your mailbox',
        text: [
          'If an account with this address is waiting to be confirmed, a new link is on its way.',
          'Nothing there after a few minutes? Look among the unwanted mail, and check how you wrote the address.',
        ],
      },
    },
    'confirm-email': {
      ask: {
        heading: 'Confirm your new e-mail address',
        text: [
          `This is to become the address of your account at ${product}. If you asked for that, sign in once more to confirm it: with the address and the password that the account has now.`,
          'If you did not ask for it, close this page: nothing changes.',
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
          'If you have confirmed your new address already, there is nothing left to do.',
          `${ONCE} They work for the account and the session that asked for the change; it must not have been signed out since.`,
          `Otherwise change the address in ${product} once more, and you get a new one.`,
        ],
      },
      no_token: {
        heading: INCOMPLETE,
        text: [OPEN_WHOLE_LINK],
      },
    },
    'undo-email': {
      ask: {
        heading: 'Undo the change of your e-mail address',
        text: [
          `Your account at ${product} gets its old address back.`,
          'Because somebody may know your password, every session is ended and the password stops working. We then send a link to choose a new one to the old address.',
        ],
        action: 'Undo the change',
      },
      done: {
        heading: 'The change is undone',
        text: [
          'The old address is back. Every session was ended, and the password does not work any more.',
          'A mail with a link to choose a new password is on its way to the old address.',
        ],
      },
      invalid_token: {
        heading: USELESS,
        text: [
          'If you have undone the change already, there is nothing left to do but to choose a new password: look into your mailbox.',
          `Links like this work once, for ${UNDO_EMAIL_DAYS} days. If the address was changed without you and the time is over, ask whoever runs ${product}.`,
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
        text: [`It ends every session of your account at ${product}.`],
        action: 'Set new password',
      },
      done: {
        heading: 'Your new password is set',
        text: [`Every session was ended. Sign in to ${product} with the new password.`],
      },
      invalid_token: {
        heading: USELESS,
        text: [`${ONCE} If your new password does not work either, ask for a new link.`],
        action: 'Ask for a new link',
      },
      no_token: {
        heading: INCOMPLETE,
        text: [OPEN_WHOLE_LINK, 'Or ask for a new one.'],
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
          `If you have deleted your account at ${product} and its data has not been erased yet, you get it back with your e-mail address and password.`,
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
          `The old password is no longer accepted. Choose a new one before you sign in to ${product}.`,
        ],
        action: 'Choose a new password',
      },
      invalid_token: {
        heading: 'That did not restore the account',
        text: [
          'The link has been used or is too old, or the data has been erased.',
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
        text: [`Enter the address of your account at ${product}. We send you a link to choose a new password.`],
        action: 'Send link',
      },
      sent: {
        heading: 'Look into your mailbox',
        text: [
          `If there is an account with this address, a link is on its way. It works once, for ${MAIL_LINK_MINUTES} minutes.`,
          'Nothing there after a few minutes? Look among the unwanted mail, and check how you wrote the address.',
        ],
      },
    },
  },
  signInRefused: {
    invalid_state: {
      heading: 'This sign-in cannot go on',
      text: [
        `It was not started in this browser, took longer than ${OAUTH_FLOW_MINUTES} minutes, or is already over.`,
        'Go back to where you wanted to sign in, and start again there. One window is enough.',
      ],
    },
    other: {
      heading: 'The sign-in did not work',
      text: [
        `Go back to where you wanted to sign in, and start again there. If that does not help, tell whoever runs ${product} the words below.`,
      ],
    },
    back: 'Back to the application',
  },
})
