/**
 * Why the archive refused an event.
 *
 * - `malformed`: it does not have the form of an event.
 * - `unsealed`: it has no seal, or a seal that is not its own. This service did not write it, or somebody
 *   changed it.
 * - `distrusted`: it was sealed with a root key that `DISTRUSTED_ROOT_KEYS` lists.
 * - `too_old`: it occurred more than 15 days ago.
 * - `too_new`: its time is more than an hour ahead.
 */
export const rejectionReasons = ['malformed', 'unsealed', 'distrusted', 'too_old', 'too_new'] as const

export type RejectionReason = (typeof rejectionReasons)[number]
