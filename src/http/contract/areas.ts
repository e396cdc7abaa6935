/** The tags of the OpenAPI document with their descriptions, in the order in which a reader needs them. */
export const areas = {
  'Sign-in': 'Accounts, sessions and tokens.',
  'Mail links': 'Actions behind the links in mails.',
  'Social sign-in': 'Sign-in with other identity providers.',
  Account: 'The account of the signed-in user.',
  'Second factors': 'Two-step sign-in, the authenticator app and recovery codes of the signed-in user.',
  Privacy: 'Account activity, consents and data exports.',
  Operators: 'Requires the role `admin`; the audit trail records every call.',
  'User import and export': 'Move users in from another system, and out again. Requires the role `admin`.',
  Discovery: 'Public keys, the audit log, metadata and health.',
} as const

export type Area = keyof typeof areas
