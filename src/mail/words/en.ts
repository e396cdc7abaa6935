import { MAIL_LINK_MINUTES, UNDO_EMAIL_DAYS, UNDO_PASSKEY_DAYS } from '../../core/lifetimes.ts'
import type { MailLanguage } from './words.ts'

const LINK_LIFE = `The link works once, within ${MAIL_LINK_MINUTES} minutes.`

/** English. */
export const englishMailWords = (product: string): MailLanguage => {
  const newPassword = `open ${product} yourself and choose “Forgot password”. A new password signs out all devices.`
  return {
    dateLocale: 'en-GB',
    labels: {
      when: 'Time',
      device: 'Device',
      place: 'Approximate location',
      provider: 'Provider',
      unlinked: 'No longer works for signing in',
      stillLinked: 'Still works for signing in',
      unknown: 'unknown',
      restoreUntil: 'Can be restored until',
      suspendedUntil: 'Suspended until',
      heldBack: 'E-mails not sent',
      noEnd: 'no end date',
      code: 'Code',
      codesLeft: 'Recovery codes left',
      neededFrom: 'Needed from',
      removed: 'Removed',
      toBeRemoved: 'To be removed',
      resetAt: 'Not before',
    },
    factors: { totp: 'authenticator app', passkeys: 'passkeys and security keys', recovery_codes: 'recovery codes' },
    linkAsText: 'If the button does not work, copy this address into your browser:',
    footer: `Sent automatically by ${product}. We never ask for your password by e-mail.`,
    mails: {
      'verify-email': {
        subject: `Confirm your e-mail address for ${product}`,
        heading: 'Confirm your e-mail address',
        lead: `An account at ${product} was opened with this address.`,
        advice: [
          'If you opened it, confirm that the address is yours.',
          'If you did not, ignore this e-mail and do not open the link.',
        ],
        action: 'Confirm address',
        note: LINK_LIFE,
      },
      'reset-password': {
        subject: `Set a new password for ${product}`,
        heading: 'Set a new password',
        lead: `A new password was requested for your account at ${product}.`,
        advice: [
          'If that was you, choose a new password now. This signs you out on all devices.',
          'If it was not you, ignore this e-mail: your password stays the same.',
        ],
        action: 'Choose a new password',
        note: LINK_LIFE,
      },
      'sign-in': {
        subject: `Sign in to ${product}`,
        heading: 'Sign in with this e-mail',
        lead: 'Someone asked to sign in to your account without a password. Enter the code on the page where you began, or open the link in the same browser.',
        advice: [
          'If that was you, do it within 10 minutes. Never give the code to anybody, even if they say that they work for us.',
          'If it was not you, ignore this e-mail: without the code, nobody gets in.',
        ],
        action: 'Sign in',
        note: 'Code and link work once, within 10 minutes, and only in the browser where you asked for them.',
      },
      'sign-up': {
        subject: `Your new account at ${product}`,
        heading: 'Confirm your e-mail address',
        lead: `Someone is opening an account at ${product} with this address. Enter the code on the page where you began, or open the link in the same browser.`,
        advice: [
          'If that was you, do it within 10 minutes. Never give the code to anybody, even if they say that they work for us.',
          'If it was not you, ignore this e-mail: no account is opened, and your address is not kept.',
        ],
        action: 'Confirm address',
        note: 'Code and link work once, within 10 minutes, and only in the browser where you asked for them.',
      },
      'confirm-email': {
        subject: `Confirm your new e-mail address for ${product}`,
        heading: 'Confirm your new e-mail address',
        lead: `Someone asked to use this address for an account at ${product}.`,
        advice: [
          'If that was you, confirm that the address is yours.',
          'If it was not you, ignore this e-mail: nothing will change.',
        ],
        action: 'Confirm new address',
        note: LINK_LIFE,
      },
      'email-changed': {
        subject: `Your e-mail address at ${product} was changed`,
        heading: 'Your e-mail address was changed',
        lead: `Your account at ${product} now has a different e-mail address. You can no longer sign in with this one.`,
        advice: [
          'If that was you, you do not need to do anything.',
          'If it was not you, undo the change now, then choose “Forgot password”: someone else may know your password.',
        ],
        action: 'Undo the change',
        note: `The link works once, within ${UNDO_EMAIL_DAYS} days.`,
      },
      'already-registered': {
        subject: `You already have an account at ${product}`,
        heading: 'You already have an account',
        lead: 'Someone tried to open an account with this address. There already is one, so nothing was changed.',
        advice: [
          'If that was you, sign in as usual. If you have forgotten your password, choose a new one.',
          'If it was not you, ignore this e-mail. The other person was not told that the account exists.',
        ],
        action: 'Choose a new password',
        note: LINK_LIFE,
      },
      'new-device': {
        subject: `New sign-in to ${product}`,
        heading: 'New sign-in to your account',
        lead: 'Your account was used on a device that we have not seen before.',
        advice: ['If that was you, you do not need to do anything.', `If it was not you, ${newPassword}`],
      },
      'password-changed': {
        subject: `Your password for ${product} was changed`,
        heading: 'Your password was changed',
        lead: 'Your password was changed, and all other devices were signed out.',
        advice: ['If that was you, you do not need to do anything.', `If it was not you, ${newPassword}`],
      },
      'password-reset': {
        subject: `Your password for ${product} was reset`,
        heading: 'Your password was reset',
        lead: 'A new password was set with a link sent to this address, and all devices were signed out.',
        advice: [
          'If that was you, sign in with the new password.',
          `If it was not you, someone else can read your e-mail. First change the password of your mailbox, then ${newPassword}`,
        ],
      },
      'password-removed': {
        subject: `Your password for ${product} was removed`,
        heading: 'Your password was removed',
        lead: 'Your account has no password any more. You sign in with a passkey.',
        advice: [
          'If that was you, you do not need to do anything. With “Forgot password” you can set a new one at any time.',
          `If it was not you, ${newPassword} Then remove passkeys that you do not know in the settings of your account.`,
        ],
      },
      'identity-linked': {
        subject: `A new way to sign in to ${product}`,
        heading: 'A new way to sign in was added to your account',
        lead: 'You can now sign in to your account with the provider named below.',
        advice: [
          'If that was you, you do not need to do anything.',
          `If it was not you, ${newPassword} Then remove the provider in the settings of your account.`,
        ],
      },
      'identity-unlinked': {
        subject: `A way to sign in to ${product} was removed`,
        heading: 'A way to sign in was removed from your account',
        lead: 'You can no longer sign in to your account with the provider named below.',
        advice: ['If that was you, you do not need to do anything.', `If it was not you, ${newPassword}`],
      },
      'account-deleted': {
        subject: `Your account at ${product} was deleted`,
        heading: 'Your account was deleted',
        lead: 'Your account was deleted, and all devices were signed out. After the time below, all its data will be erased.',
        advice: [
          'If that is what you want, you do not need to do anything.',
          'If you change your mind, or if it was not you, restore the account. If it was not you, then choose “Forgot password” as well.',
        ],
        action: 'Restore account',
        note: 'The page asks you to sign in.',
      },
      restore: {
        subject: `Restore your account at ${product}`,
        heading: 'Restore your account',
        lead: 'A new password was requested for your account. However, the account was deleted, and its data will soon be erased.',
        advice: [
          'If you want it back, restore it first. After that you can set a new password.',
          'If you do not, ignore this e-mail: the account stays deleted.',
        ],
        action: 'Restore account',
        note: LINK_LIFE,
      },
      'account-restored': {
        subject: `Your account at ${product} was restored`,
        heading: 'Your account was restored',
        lead: 'Your deleted account was restored. Its data will not be erased.',
        advice: ['If that was you, you do not need to do anything.', `If it was not you, ${newPassword}`],
      },
      'account-suspended': {
        subject: `Your account at ${product} was suspended`,
        heading: 'Your account was suspended',
        lead: `The operators of ${product} have suspended your account. You were signed out everywhere and cannot sign in.`,
        advice: [
          'When the suspension ends, sign in as usual. Your data is kept until then.',
          `If you do not know why, or think that it is a mistake, please contact the operators of ${product}.`,
        ],
      },
      'suspension-ended': {
        subject: `Your account at ${product} is no longer suspended`,
        heading: 'Your account is no longer suspended',
        lead: 'The suspension of your account has ended. You can sign in again.',
        advice: ['Sign in as usual.', `If you have forgotten your password, ${newPassword}`],
      },
      'two-step-enabled': {
        subject: `Two-step sign-in at ${product} is on`,
        heading: 'Two-step sign-in is on',
        lead: 'From now on, signing in to your account takes a second step, such as a code of your authenticator app.',
        advice: [
          'If that was you, keep your recovery codes in a safe place. Without a second step, nobody can let you in, not even with a new password.',
          `If it was not you, ${newPassword} Then contact the operators of ${product}: the second step may belong to someone else.`,
        ],
      },
      'two-step-disabled': {
        subject: `Two-step sign-in at ${product} is off`,
        heading: 'Two-step sign-in is off',
        lead: 'Signing in to your account no longer takes a second step.',
        advice: [
          'If that was you, you do not need to do anything.',
          `If it was not you, ${newPassword} Then turn two-step sign-in on again.`,
        ],
      },
      'totp-added': {
        subject: `An authenticator app was added at ${product}`,
        heading: 'An authenticator app was added',
        lead: 'Codes of a new authenticator app now work as the second step of your account.',
        advice: [
          'If that was you, you do not need to do anything.',
          `If it was not you, ${newPassword} Then remove the app in the settings of your account.`,
        ],
      },
      'totp-replaced': {
        subject: `Your authenticator app for ${product} was replaced`,
        heading: 'Your authenticator app was replaced',
        lead: 'Codes of a new authenticator app now work as the second step of your account. Codes of the one before no longer do.',
        advice: [
          'If that was you, delete the old entry in your authenticator app.',
          `If it was not you, ${newPassword} Then contact the operators of ${product}.`,
        ],
      },
      'totp-removed': {
        subject: `Your authenticator app for ${product} was removed`,
        heading: 'Your authenticator app was removed',
        lead: 'Codes of your authenticator app no longer work for your account.',
        advice: [
          'If that was you, delete the entry in your authenticator app.',
          `If it was not you, ${newPassword} Then add an authenticator app again.`,
        ],
      },
      'passkey-added': {
        subject: `A passkey was added at ${product}`,
        heading: 'A passkey was added',
        lead: 'A new passkey or security key now works for your account.',
        advice: [
          'If that was you, you do not need to do anything.',
          'If it was not you, remove it now. This signs out all devices. Then choose a new password.',
        ],
        action: 'Remove this passkey',
        note: `The link works once, within ${UNDO_PASSKEY_DAYS} days.`,
      },
      'passkey-removed': {
        subject: `A passkey was removed at ${product}`,
        heading: 'A passkey was removed',
        lead: 'A passkey or security key no longer works for your account.',
        advice: [
          'If that was you, you can delete it on your device as well.',
          `If it was not you, ${newPassword} Then look at the passkeys in the settings of your account.`,
        ],
      },
      'passkey-suspended': {
        subject: `A passkey for ${product} was blocked`,
        heading: 'A passkey was blocked',
        lead: 'Someone may have a copy of one of your passkeys or security keys. It no longer works for your account, and the devices that signed in with it were signed out.',
        advice: [
          'If you restored a backup of the device, remove the passkey in the settings of your account and add it again.',
          `If you did not, someone else has it: remove it in the settings of your account, and ${newPassword}`,
        ],
      },
      'recovery-codes-made': {
        subject: `New recovery codes for ${product}`,
        heading: 'New recovery codes were made',
        lead: 'Your account has new recovery codes. Earlier ones no longer work.',
        advice: [
          'If that was you, keep the new codes in a safe place and throw the old ones away.',
          `If it was not you, ${newPassword} Then make new recovery codes.`,
        ],
      },
      'recovery-code-used': {
        subject: `A recovery code for ${product} was used`,
        heading: 'A recovery code was used',
        lead: 'A recovery code was used as the second step of your account. It does not work again.',
        advice: [
          'If that was you, make new codes before you run out of them.',
          `If it was not you, someone has one of your codes. Open ${product} yourself and choose “Forgot password”. A new password signs out all devices. Then make new recovery codes.`,
        ],
      },
      'second-factor-failed': {
        subject: `Wrong codes at ${product}`,
        heading: 'Someone entered wrong codes for your account',
        lead: 'Wrong codes were entered for the second step of your account, so codes of your authenticator app are not accepted for a while. Whoever entered them knew your password, or could sign in as you in another way.',
        advice: [
          'If that was you, wait a little and try again, or use a recovery code.',
          `If it was not you, your account is still safe, but your password is not: ${newPassword}`,
        ],
      },
      'two-step-due': {
        subject: `Your account at ${product} needs a second step`,
        heading: 'Your account needs a second step',
        lead: `${product} requires a second step when you sign in, such as a code of an authenticator app.`,
        advice: [
          `Open ${product} yourself, and add an authenticator app in the settings of your account.`,
          'If you do not, you will be asked to add one when you sign in after the time below.',
        ],
      },
      'enrolment-code': {
        subject: `Your code for ${product}`,
        heading: 'Your code for adding a second step',
        lead: 'A second step is being added to your account. To finish, enter this code on the page where you began.',
        advice: [
          'If you started it, enter the code within 15 minutes. Never give it to anybody, even if they say that they work for us.',
          `If it was not you, someone knows your password: ${newPassword}`,
        ],
      },
      'factor-reset-requested': {
        subject: `Your second step at ${product} will be reset`,
        heading: 'Your second step will be reset',
        lead: `The operators of ${product} were asked to remove the second step of your account. They will do so at the time below, and sign out all devices.`,
        advice: [
          'If you asked for it, you do not need to do anything. After that time, sign in and add a new second step.',
          'If you did not, someone else wants to get into your account: keep your second step.',
        ],
        action: 'Keep my second step',
        note: 'The link works until the second step is reset.',
      },
      'factors-reset': {
        subject: `The second step of your account at ${product} was reset`,
        heading: 'The second step of your account was reset',
        lead: `The operators of ${product} have removed what is named below from your account, and all devices were signed out.`,
        advice: [
          'If you asked for it, sign in with your password and add a new second step.',
          `If you did not, contact the operators of ${product} now, and ${newPassword}`,
        ],
      },
      'notices-held-back': {
        subject: `More activity in your account at ${product}`,
        heading: 'More activity in your account',
        lead: 'There was so much activity in your account within an hour that we did not send an e-mail about each event.',
        advice: [
          'Your account shows a list of all activity. If all of it was you, you do not need to do anything.',
          `If it was not you, ${newPassword}`,
        ],
      },
      'session-reuse': {
        subject: `A session at ${product} was ended`,
        heading: 'We ended one of your sessions',
        lead: 'A key of this session was used a second time, although it is valid only once. Someone may have copied the session.',
        advice: [
          'Sign in again to continue.',
          `If you do not recognize the device, or if this happens again, ${newPassword} Then check your own devices for malware.`,
        ],
      },
    },
  }
}
