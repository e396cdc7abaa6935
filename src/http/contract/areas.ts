/** The parts of the API, in the order in which a reader needs them: the tags of the document. */
export const areas = {
  'Sign-in': 'Accounts, sessions and tokens.',
  'Mail links': 'What links in mails lead to.',
  'Social sign-in': 'Identities of other providers.',
  Account: 'The signed-in user.',
  Privacy: 'Activity, consents and exports.',
  Operators: 'Needs the role `admin`; every call is audited.',
  Moving: 'In from another system, and out. Needs the role `admin`.',
  Discovery: 'Keys, proofs and health.',
} as const

export type Area = keyof typeof areas
