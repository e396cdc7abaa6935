/** The dialog that asks for a proof before a change. */
export const englishStepUp = {
  heading: 'Is it still you?',
  password: 'Please enter your password again before this change.',
  totp: 'Please enter a code from your authenticator app before this change. If you do not have it, sign in again with a recovery code.',
  passkey: 'Please confirm with your passkey or security key before this change.',
  mail: 'Before this change we send a code to your e-mail address.',
  mailSent: 'A code is on its way to your e-mail address.',
  rose: 'Your account needs a second step by now, so your password alone is not enough.',
  none: 'Nothing that you have set up can confirm this change here. Please sign in again, and make the change within five minutes.',
  action: 'Confirm',
  sendCode: 'Send code',
  mailAgain: 'Send the code again',
  usePassword: 'Use my password',
  useTotp: 'Use my authenticator app',
  usePasskey: 'Use a passkey or security key',
  useMail: 'E-mail me a code',
  signInAgain: 'Sign in again',
}
