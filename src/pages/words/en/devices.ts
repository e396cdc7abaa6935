import type { FirstProof, SecondProof } from '../../../core/assurance.ts'

/** What more than one list names: devices and places. */
export const englishPlaces = {
  device: (browser: string, system: string) => `${browser} on ${system}`,
  unknownDevice: 'Unknown device',
}

export const englishSessions = {
  lead: 'These devices are signed in to your account. If you do not know one of them, sign it out, and choose a new password.',
  current: 'This device',
  application: 'Application',
  place: 'Place',
  unknownPlace: 'Unknown',
  address: 'Network address',
  signedIn: 'Signed in',
  used: 'Last used',
  expires: 'Signed out at the latest',
  methods: 'Signed in with',
  methodNames: {
    pwd: 'Password',
    fed: 'Linked account',
    email: 'E-mail',
    otp: 'Authenticator app',
    recovery: 'Recovery code',
    pop: 'Passkey or security key',
  } satisfies Readonly<Record<FirstProof | SecondProof, string>>,
  end: 'Sign out there',
  ended: (device: string) => `Signed out: ${device}.`,
  others: 'All other devices',
  othersLead: 'This device stays signed in.',
  endOthers: 'Sign out everywhere else',
  othersEnded: 'All other devices are signed out.',
  alone: 'You are signed in on this device alone.',
}

export const englishIdentities = {
  lead: 'With an account of another service that you link here, you sign in without a separate password.',
  none: 'No account is linked yet.',
  linkedAt: (date: string) => `Linked on ${date}.`,
  unlink: 'Unlink',
  unlinked: (provider: string) => `${provider} is unlinked. You cannot sign in with it any more.`,
  unavailable: 'Sign-in with it is turned off here, so it signs nobody in.',
  noProviders: 'This service offers no sign-in with accounts of other services.',
  add: 'Link another account',
  addLead: 'You go to the provider, sign in there, and come back to this page.',
  link: (provider: string) => `Link ${provider}`,
  linked: (provider: string) => `${provider} is linked. You can sign in with it from now on.`,
  refused: {
    access_denied: 'Nothing was linked: the sign-in at the provider was cancelled.',
    identity_taken: 'Nothing was linked: that account is linked to this account or to another one already.',
    email_unverified: 'Confirm your e-mail address first. Then you can link accounts.',
    invalid_token: 'Nothing was linked: it took too long, or was begun in another session. Please start again.',
    provider_email_unverified: 'Nothing was linked: the provider has not confirmed the e-mail address there.',
    provider_unavailable: 'Nothing was linked: the provider cannot be reached. Please try again later.',
    other: 'Nothing was linked: the sign-in at the provider did not work. Please try again.',
  },
}
