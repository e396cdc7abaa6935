import type { Subject } from '../../subject.ts'

/** Words that more than one screen has. */
export const englishCommon = ({ product, passwordMinLength }: Subject) => ({
  email: 'E-mail address',
  password: 'Password',
  newPassword: 'New password',
  newPasswordHint: `At least ${passwordMinLength} characters. Several words make a good password.`,
  showPassword: 'Show password',
  totp: 'Code from your authenticator app',
  totpHint: 'Six digits. They change every 30 seconds.',
  recoveryCode: 'Recovery code',
  recoveryCodeHint: 'Upper and lower case and dashes do not matter.',
  mailCode: 'Code from the e-mail',
  mailCodeHint: 'Eight digits.',
  cancel: 'Cancel',
  save: 'Save',
  startAgain: 'Start again',
  again: 'Try again',
  openAnew: 'Load the page again',
  loading: 'One moment …',
  signOut: 'Sign out',
  openMenu: 'Menu',
  menu: `Your account at ${product}`,
})
