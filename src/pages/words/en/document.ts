import { OAUTH_FLOW_MINUTES } from '../../../core/lifetimes.ts'
import type { DocumentWords } from '../../document-words.ts'

export const englishDocument = (product: string): DocumentWords => ({
  needsScript: 'This page needs JavaScript. Please enable it for this page and reload.',
  notStarted: 'This page takes longer than usual to start. If nothing happens, please load it again.',
  titles: {
    home: 'Your account',
    'sign-in': 'Sign in',
    'sign-up': 'Create an account',
    'forgot-password': 'Forgot your password?',
    'verify-email': 'Confirm your e-mail address',
    'confirm-email': 'Confirm your new e-mail address',
    'undo-email': 'Undo the change of your e-mail address',
    'reset-password': 'Choose a new password',
    restore: 'Restore your account',
    'keep-factors': 'Keep your second step',
    'undo-passkey': 'Remove the new passkey',
    profile: 'Profile',
    security: 'How you sign in',
    sessions: 'Devices',
    identities: 'Linked accounts',
    activity: 'Activity',
    consents: 'Consents',
    export: 'Your data',
    delete: 'Delete account',
  },
  refused: {
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
    backHere: 'Go back',
  },
})
