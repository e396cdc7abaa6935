import { MAIL_LINK_MINUTES, UNDO_EMAIL_DAYS } from '../../core/lifetimes.ts'
import type { MailLanguage } from './words.ts'

const LINK_LIFE = `The link works once, for ${MAIL_LINK_MINUTES} minutes.`

/** English. */
export const englishMailWords = (product: string): MailLanguage => {
  const newPassword = `open ${product} yourself and choose “Forgot password”. A new password ends every session.`
  return {
    dateLocale: 'en-GB',
    labels: {
      when: 'Time',
      device: 'Device',
      place: 'Roughly where',
      provider: 'Provider',
      unlinked: 'No longer signs in to your account',
      stillLinked: 'Still signs in to your account',
      unknown: 'not known',
      restoreUntil: 'Can be restored until',
      suspendedUntil: 'Suspended until',
      heldBack: 'Mails not sent',
      noEnd: 'no end was set',
    },
    linkAsText: 'If the button does not work, copy this address into your browser:',
    footer: `Sent automatically by ${product}. We never ask for your password by e-mail.`,
    mails: {
      'verify-email': {
        subject: `Confirm your e-mail address for ${product}`,
        heading: 'Confirm your e-mail address',
        lead: `An account at ${product} was opened with this address.`,
        advice: [
          'If you opened it, confirm that the address is yours.',
          'If you did not, ignore this mail and do not open the link.',
        ],
        action: 'Confirm address',
        note: LINK_LIFE,
      },
      'reset-password': {
        subject: `Set a new password for ${product}`,
        heading: 'Set a new password',
        lead: `A new password was requested for your account at ${product}.`,
        advice: [
          'If that was you, choose it now. This ends every session.',
          'If it was not, ignore this mail: your password stays as it is.',
        ],
        action: 'Choose a new password',
        note: LINK_LIFE,
      },
      'confirm-email': {
        subject: `Confirm your new e-mail address for ${product}`,
        heading: 'Confirm your new e-mail address',
        lead: `This is to become the address of an account at ${product}.`,
        advice: [
          'If you asked for that, confirm that the address is yours.',
          'If you did not, ignore this mail: nothing changes.',
        ],
        action: 'Confirm new address',
        note: LINK_LIFE,
      },
      'email-changed': {
        subject: `Your e-mail address at ${product} was changed`,
        heading: 'Your e-mail address was changed',
        lead: `Your account at ${product} now has another e-mail address. You cannot sign in with this one any more.`,
        advice: [
          'If that was you, there is nothing to do.',
          'If it was not, undo the change now, then choose “Forgot password”: somebody may know your password.',
        ],
        action: 'Undo the change',
        note: `The link works once, for ${UNDO_EMAIL_DAYS} days.`,
      },
      'already-registered': {
        subject: `You already have an account at ${product}`,
        heading: 'You already have an account',
        lead: 'Somebody tried to open an account with this address. It has one already, so nothing was changed.',
        advice: [
          'If that was you, sign in as usual. If you have forgotten your password, choose a new one.',
          'If it was not, ignore this mail. Whoever tried was not told that the account exists.',
        ],
        action: 'Choose a new password',
        note: LINK_LIFE,
      },
      'new-device': {
        subject: `New sign-in to ${product}`,
        heading: 'New sign-in to your account',
        lead: 'Your account was used from a device that we had not seen before.',
        advice: ['If that was you, there is nothing to do.', `If it was not, ${newPassword}`],
      },
      'password-changed': {
        subject: `Your password for ${product} was changed`,
        heading: 'Your password was changed',
        lead: 'Your password was changed, and every other session was ended.',
        advice: ['If that was you, there is nothing to do.', `If it was not, ${newPassword}`],
      },
      'password-reset': {
        subject: `Your password for ${product} was reset`,
        heading: 'Your password was reset',
        lead: 'A new password was set with a link sent to this address, and every session was ended.',
        advice: [
          'If that was you, sign in with the new password.',
          `If it was not, somebody else can read your mail. First change the password of your mailbox, then ${newPassword}`,
        ],
      },
      'identity-linked': {
        subject: `A new way to sign in to ${product}`,
        heading: 'An account elsewhere was linked to yours',
        lead: 'Your account can now be used by signing in at the provider named below.',
        advice: [
          'If that was you, there is nothing to do.',
          `If it was not, ${newPassword} Then remove the link in the settings of your account.`,
        ],
      },
      'identity-unlinked': {
        subject: `A way to sign in to ${product} was removed`,
        heading: 'An account elsewhere is no longer linked to yours',
        lead: 'Your account can no longer be used by signing in at the provider named below.',
        advice: ['If that was you, there is nothing to do.', `If it was not, ${newPassword}`],
      },
      'account-deleted': {
        subject: `Your account at ${product} was deleted`,
        heading: 'Your account was deleted',
        lead: 'Your account was deleted and every session was ended. After the time below, all its data is erased.',
        advice: [
          'If that is what you want, there is nothing to do.',
          'If you change your mind, or if it was not you, restore the account. If it was not you, then choose “Forgot password” as well.',
        ],
        action: 'Restore account',
        note: 'The page asks for your e-mail address and password.',
      },
      restore: {
        subject: `Restore your account at ${product}`,
        heading: 'Restore your account',
        lead: 'A new password was requested for your account. The account was deleted and will soon be erased.',
        advice: [
          'If you want it back, restore it first. After that you can set a new password.',
          'If you do not, ignore this mail: the account stays deleted.',
        ],
        action: 'Restore account',
        note: LINK_LIFE,
      },
      'account-restored': {
        subject: `Your account at ${product} was restored`,
        heading: 'Your account was restored',
        lead: 'Your deleted account was restored. Its data will not be erased.',
        advice: ['If that was you, there is nothing to do.', `If it was not, ${newPassword}`],
      },
      'account-suspended': {
        subject: `Your account at ${product} was suspended`,
        heading: 'Your account was suspended',
        lead: `The operators of ${product} have suspended your account. You cannot sign in, and every session was ended.`,
        advice: [
          'When the suspension ends, sign in as usual. Your data is kept until then.',
          `If you do not know why, or think that it is a mistake, ask the operators of ${product}.`,
        ],
      },
      'suspension-ended': {
        subject: `Your account at ${product} is no longer suspended`,
        heading: 'Your account is no longer suspended',
        lead: 'The suspension of your account has ended. You can sign in again.',
        advice: ['Sign in as usual.', `If you have forgotten your password, ${newPassword}`],
      },
      'notices-held-back': {
        subject: `More happened in your account at ${product}`,
        heading: 'More happened in your account',
        lead: 'So much happened in your account within an hour that we did not send a mail about each event.',
        advice: [
          'The list of activity in your account shows all of it. If all of it was you, there is nothing to do.',
          `If it was not, ${newPassword}`,
        ],
      },
      'session-reuse': {
        subject: `A session at ${product} was ended`,
        heading: 'We ended one of your sessions',
        lead: 'A key of this session that had been used before was used again. The session may have been copied.',
        advice: [
          'Sign in again to go on.',
          `If you do not know the device, or if this happens again, ${newPassword} Then check your own devices for harmful software.`,
        ],
      },
    },
  }
}
