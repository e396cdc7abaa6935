import { sql } from 'drizzle-orm'
import * as z from 'zod'
import type { UserId } from '../../core/ids.ts'
import { rfc3339, rfc3339OrNull } from '../../core/time.ts'
import type { Row } from '../../storage/database/members.ts'
import { openPasskeyDetails } from '../../storage/database/passkeys.ts'
import { deleteRows, type PersonalDataOwner } from '../../storage/database/personal-data.ts'
import { columnsOf, computed, withRows } from '../../storage/database/rows.ts'
import { passkeys } from '../../storage/schema/index.ts'

/** Exports and erases passkeys, removed ones included. The private part of a key was never here. */
export const passkeysPersonalData: PersonalDataOwner = {
  service: 'passkeys',
  tables: ['passkeys'],
  kept: {},

  async exportPersonalData({ db }, userId, key) {
    const { found } = await db.batch({ found: selectPasskeys(userId) })
    return { passkeys: await Promise.all(found.map((row) => describePasskey(key, userId, row))) }
  },

  erasePersonalData: (userId) => [deleteRows('passkeys', userId)],
}

const exportedPasskey = {
  id: passkeys.id,
  rp_id: passkeys.rpId,
  credential_id: passkeys.credentialId,
  public_key: computed.json(sql`${passkeys.publicKey}`, z.unknown()),
  sign_count: passkeys.signCount,
  is_backup_eligible: passkeys.isBackupEligible,
  is_backed_up: passkeys.isBackedUp,
  is_discoverable: passkeys.isDiscoverable,
  is_uv_initialized: passkeys.isUvInitialized,
  details_enc: passkeys.detailsEnc,
  created_at: passkeys.createdAt,
  last_used_at: passkeys.lastUsedAt,
  suspended_at: passkeys.suspendedAt,
  removed_at: passkeys.removedAt,
} as const

const selectPasskeys = (userId: UserId) =>
  withRows(
    exportedPasskey,
    sql`SELECT ${columnsOf(exportedPasskey)} FROM passkeys WHERE user_id = ${userId} ORDER BY created_at, id`,
  )

async function describePasskey(
  key: CryptoKey,
  userId: UserId,
  { details_enc, created_at, last_used_at, suspended_at, removed_at, ...rest }: Row<typeof exportedPasskey>,
) {
  const details =
    details_enc === null ? undefined : await openPasskeyDetails(key, { passkeyId: rest.id, userId }, details_enc)
  return {
    ...rest,
    name: details?.label ?? null,
    aaguid: details?.aaguid ?? null,
    transports: details?.transports ?? [],
    browser: details?.browser ?? null,
    created_at: rfc3339(created_at),
    last_used_at: rfc3339OrNull(last_used_at),
    suspended_at: rfc3339OrNull(suspended_at),
    removed_at: rfc3339OrNull(removed_at),
  }
}
