import type { Context } from '../context.ts'
import type { SessionRef } from '../storage/database/live-session.ts'

/**
 * The session of a request that adds a factor, or makes the account need one. It then counts only while the
 * address of the account is proven. Another person may have registered the address, and the owner of the
 * mailbox may prove it later by the link of the verification mail, which voids nothing, or reset the password
 * after that. A passkey of the first person would still sign in then (Better Auth GHSA-qq9h-g4jm-xgf3).
 *
 * Where no mail leaves, nothing can prove an address, and no such link exists.
 */
export const onlyIfProven = <Ref extends SessionRef>(
  { settings }: Pick<Context, 'settings'>,
  ref: Ref,
): Ref & { readonly needsProvenAddress: boolean } => ({
  ...ref,
  needsProvenAddress: settings.MAIL_TRANSPORT !== 'off',
})
