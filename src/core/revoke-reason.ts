/** Why a session was ended before its time, as `sessions.revoke_reason` has it. */
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
] as const
export type RevokeReason = (typeof revokeReasons)[number]
