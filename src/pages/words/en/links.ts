import { MAIL_LINK_MINUTES, UNDO_EMAIL_DAYS, UNDO_PASSKEY_DAYS } from '../../../core/lifetimes.ts'
import type { Subject } from '../../subject.ts'

const INCOMPLETE = 'This link is incomplete'
const USELESS = 'This link no longer works'
const OPEN_WHOLE_LINK = 'Open the link in the e-mail again, or copy the whole link into the address bar.'
const ONCE = `Each link works once, within ${MAIL_LINK_MINUTES} minutes.`
const NOTHING_THERE =
  'Nothing there after a few minutes? Check your spam folder, and check the spelling of the address.'

/** The screens that links in mails open. */
export const englishLinks = ({ product }: Subject) => ({
  verifyEmail: {
    ask: {
      heading: 'Confirm your e-mail address',
      text: [
        `An account at ${product} was opened with your address. If that was you, please confirm that the address is yours.`,
      ],
      action: 'Confirm address',
    },
    done: {
      heading: 'Your address is confirmed',
      text: ['You can close this page and go on where you began.'],
      action: 'Go to your account',
    },
    useless: {
      heading: USELESS,
      text: [
        'If you have already confirmed your address, you do not need to do anything.',
        `${ONCE} Enter your address to get a new link.`,
      ],
      action: 'Send a new link',
    },
    incomplete: {
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
  confirmEmail: {
    ask: {
      heading: 'Confirm your new e-mail address',
      text: [
        `The address to which this link was sent becomes the address of your account at ${product}. If you asked for this change, please confirm it.`,
        'If you did not ask for it, close this page: nothing will change.',
      ],
      action: 'Confirm new address',
      signIn: 'Sign in first, as you do now',
    },
    done: {
      heading: 'Your new address is confirmed',
      text: [`From now on, sign in to ${product} with this address.`],
      action: 'Go to your account',
    },
    useless: {
      heading: USELESS,
      text: [
        'If you have already confirmed your new address, you do not need to do anything.',
        `${ONCE} It works only for the account that asked for the change, and only while the session that asked for it is still signed in.`,
        `Otherwise, change the address in ${product} again to get a new link.`,
      ],
    },
    incomplete: {
      heading: INCOMPLETE,
      text: [OPEN_WHOLE_LINK],
    },
  },
  undoEmail: {
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
    useless: {
      heading: USELESS,
      text: [
        'If you have already undone the change, you only need to choose a new password: check your inbox.',
        `Each link works once, within ${UNDO_EMAIL_DAYS} days. If someone else changed the address and the time is over, please contact the operator of ${product}.`,
      ],
    },
    incomplete: {
      heading: INCOMPLETE,
      text: [OPEN_WHOLE_LINK],
    },
  },
  undoPasskey: {
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
        'Recovery codes that were made with it or later no longer work. If your account then has no second step, you set one up when you sign in next.',
        `Whoever added it was signed in to your account. Open ${product} yourself and choose “Forgot password” to set a new password.`,
      ],
    },
    useless: {
      heading: 'There is nothing to remove',
      text: [
        `The passkey was already removed, or the ${UNDO_PASSKEY_DAYS} days are over.`,
        'If the time is over, you can remove the passkey in the settings of your account.',
      ],
    },
    incomplete: {
      heading: INCOMPLETE,
      text: [OPEN_WHOLE_LINK],
    },
  },
  keepFactors: {
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
    useless: {
      heading: 'There is nothing to cancel',
      text: [
        'The removal was already cancelled, or the second step has been removed.',
        `If it has been removed and you did not ask for that, contact the operators of ${product} now.`,
      ],
    },
    incomplete: {
      heading: INCOMPLETE,
      text: [OPEN_WHOLE_LINK],
    },
  },
  resetPassword: {
    ask: {
      heading: 'Choose a new password',
      text: [`This signs you out of ${product} on all devices.`],
      action: 'Set new password',
    },
    done: {
      heading: 'Your new password is set',
      text: [`You were signed out on all devices. Please sign in to ${product} with the new password.`],
    },
    useless: {
      heading: USELESS,
      text: [`${ONCE} If you cannot sign in with your new password either, ask for a new link.`],
      action: 'Ask for a new link',
    },
    incomplete: {
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
    signIn: {
      heading: 'Restore your account',
      text: [
        `If you deleted your account at ${product} and its data has not been erased yet, you get it back when you sign in.`,
      ],
      action: 'Sign in',
    },
    resetRequired: {
      heading: 'Your account is restored',
      text: [
        'Nothing will be erased.',
        `The old password no longer works. Please choose a new one before you sign in to ${product}.`,
      ],
      action: 'Choose a new password',
    },
    useless: {
      heading: 'The account was not restored',
      text: [
        'The link was already used or has expired, or the data has been erased.',
        'If you are not sure, try to sign in.',
      ],
      action: 'Sign in',
    },
  },
})
