import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import type { UserId } from '../../core/ids.ts'
import { describeDevice } from '../../core/user-agent.ts'
import { sealPasskeyDetails } from '../../storage/database/passkeys.ts'
import { insertInto, onConflict } from '../../storage/database/writes.ts'
import { passkeys } from '../../storage/schema/index.ts'
import type { VerifiedCredential } from './verify-new-passkey.ts'

export interface NewPasskeyRow extends VerifiedCredential {
  readonly id: string
  readonly userId: UserId
  /** The data key of the user. */
  readonly key: CryptoKey
  readonly rpId: string
  /** The name that the owner gives it. */
  readonly label: string | undefined
}

/**
 * Prepares the statement that inserts a verified passkey, unless its credential is known already, for any
 * account.
 * @returns the statement, under an SQL condition
 */
export async function insertPasskey(
  { client, now }: Pick<Context, 'client' | 'now'>,
  { id, userId, key, rpId, registered, isDiscoverable, isUvInitialized, label }: NewPasskeyRow,
): Promise<(onlyIf: SQL) => SQL> {
  const browser = describeDevice(client)
  const details = {
    ...(label !== undefined && { label }),
    aaguid: registered.aaguid,
    transports: registered.transports,
    ...(browser !== undefined && { browser }),
  }
  const values = {
    id,
    user_id: userId,
    rp_id: rpId,
    credential_id: registered.credentialId,
    public_key: JSON.stringify(registered.publicKey),
    sign_count: registered.signCount,
    is_backup_eligible: registered.isBackupEligible,
    is_backed_up: registered.isBackedUp,
    is_discoverable: isDiscoverable,
    is_uv_initialized: isUvInitialized,
    details_enc: await sealPasskeyDetails(key, { passkeyId: id, userId }, details),
    created_at: now,
  }
  return (onlyIf) => sql`${insertInto(passkeys, values, { onlyIf })} ${onConflict([passkeys.credentialId])}`
}
