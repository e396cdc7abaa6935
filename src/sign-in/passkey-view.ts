import * as z from 'zod'
import { answerSchema, orNull, time, type View } from '../core/answer-schema.ts'
import type { UserId } from '../core/ids.ts'
import type { DataKeyLookup } from '../core/ports.ts'
import { rfc3339, rfc3339OrNull } from '../core/time.ts'
import type { Row } from '../storage/database/members.ts'
import { maySignInAlone, openPasskeyDetails } from '../storage/database/passkeys.ts'
import { passkeys } from '../storage/schema/index.ts'
import { nameAuthenticator } from './name-authenticator.ts'

/** A passkey or security key, as shown to its owner. */
export const passkeyView = answerSchema('Passkey', () => ({
  id: z.uuid(),
  /** The name that the owner gave it. */
  name: orNull(z.string()),
  /** The name of the authenticator's model, if it is known. Nothing proves it. */
  provider: orNull(z.string()),
  created_at: time(),
  last_used_at: orNull(time()),
  /** Whether a copy of it exists elsewhere, for example in the account of a provider. */
  synced: z.boolean(),
  /** It signs nobody in alone: a security key. */
  second_factor_only: z.boolean(),
  /** Its signature counter went back, so it can no longer be used. */
  suspended: z.boolean(),
  /** It was made for another domain of the service, and cannot be used on this one. */
  other_domain: z.boolean(),
}))
export type Passkey = View<typeof passkeyView>

/** What `showPasskey` needs. */
export const shownPasskey = {
  id: passkeys.id,
  rp_id: passkeys.rpId,
  is_backup_eligible: passkeys.isBackupEligible,
  is_discoverable: passkeys.isDiscoverable,
  is_backed_up: passkeys.isBackedUp,
  is_uv_initialized: passkeys.isUvInitialized,
  details_enc: passkeys.detailsEnc,
  created_at: passkeys.createdAt,
  last_used_at: passkeys.lastUsedAt,
  suspended_at: passkeys.suspendedAt,
} as const

interface Showing {
  readonly userId: UserId
  /** While no store answers for it, names are missing. */
  readonly lookup: DataKeyLookup
  readonly rpId: string
}

/** @throws CiphertextError if the details were altered or moved */
export async function showPasskey(row: Row<typeof shownPasskey>, { userId, lookup, rpId }: Showing): Promise<Passkey> {
  const details =
    row.details_enc === null || lookup.kind !== 'found'
      ? undefined
      : await openPasskeyDetails(lookup.key, { passkeyId: row.id, userId }, row.details_enc)
  return {
    id: row.id,
    name: details?.label ?? null,
    provider: details === undefined ? null : await nameAuthenticator(details.aaguid),
    created_at: rfc3339(row.created_at),
    last_used_at: rfc3339OrNull(row.last_used_at),
    synced: row.is_backed_up,
    second_factor_only: !maySignInAlone(row),
    suspended: row.suspended_at !== null,
    other_domain: row.rp_id !== rpId,
  }
}
