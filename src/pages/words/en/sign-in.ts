import type { Subject } from '../subject.ts'

export const englishSignIn = ({ product }: Subject) => ({
  lead: `Sign in to your account at ${product}.`,
  action: 'Sign in',
  forgotPassword: 'Forgot password',
})

export const englishSecondStep = {
  heading: 'Enter your code',
  lead: 'One more step: open your authenticator app, and enter the six digits that it shows.',
  action: 'Continue',
}
