/** Why a session was ended before it expired: the values of `sessions.revoke_reason`. */
export const revokeReasons = [
  'logout',
  'owner',
  'reuse',
  'deleted',
  'password_changed',
  'password_reset',
  'email_undone',
  'operator',
  'mailbox_proven',
  'surplus',
  'factors_changed',
  'passkey_suspended',
] as const
export type RevokeReason = (typeof revokeReasons)[number]
