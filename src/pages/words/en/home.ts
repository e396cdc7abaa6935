import type { ownScreens } from '../../screens.ts'
import type { Subject } from '../../subject.ts'

type Linked = Exclude<(typeof ownScreens)[number], 'home'>

/** The first screen of a signed-in person. */
export const englishHome = ({ product }: Subject) => ({
  verified: 'Confirmed',
  unverified: 'Not confirmed',
  since: (date: string) => `You have had this account since ${date}.`,
  lastSignIn: (time: string) => `Last sign-in: ${time}.`,
  attention: 'Needs your attention',
  unproven:
    'Your e-mail address is not confirmed yet. Without it, you cannot get back in if you forget your password. Open the link in the e-mail that we sent, or have it sent again.',
  resend: 'Send the link again',
  resent: 'A new link is on its way. Check your inbox, and your spam folder.',
  twoStepDue: (date: string) => `Your account needs two-step sign-in from ${date}. Set it up before then.`,
  fewCodes: (left: string) => `Unused recovery codes: ${left}. Make new ones, so that you can still get in.`,
  reset: (date: string) =>
    `An operator was asked to remove your second step, and it will happen on ${date}. If you did not ask for this, cancel it now.`,
  toSecurity: 'Go to “How you sign in”',
  everything: `Your account at ${product}`,
  links: {
    profile: 'Your name, your e-mail address and what applications know about you.',
    security: 'Password, passkeys and two-step sign-in.',
    sessions: 'Where you are signed in, and how to sign out there.',
    identities: 'Accounts of other services that sign you in here.',
    activity: 'What happened in your account, by whom and when.',
    consents: 'What you agreed to, and how to change your mind.',
    export: 'A copy of everything that is stored about you.',
    delete: 'Close the account and have its data erased.',
  } satisfies Readonly<Record<Linked, string>>,
})
