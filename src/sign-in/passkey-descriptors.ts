import { type SQL, sql } from 'drizzle-orm'
import * as z from 'zod'
import type { UserId } from '../core/ids.ts'
import type { DataKeyLookup } from '../core/ports.ts'
import type { Computed } from '../storage/database/members.ts'
import { isUsablePasskey, openPasskeyDetails } from '../storage/database/passkeys.ts'
import { computed } from '../storage/database/rows.ts'
import type { PasskeyDescriptor } from './describe-passkey-request.ts'

const offeredSchema = z.array(
  z.object({ id: z.string(), credential_id: z.string(), details_enc: z.string().nullable() }),
)
export type OfferedPasskeys = z.infer<typeof offeredSchema>

/**
 * A member of a row: the passkeys of a user that can be used now. Index `passkeys_user`.
 * @param userId SQL for the user
 */
export const offeredPasskeys = (userId: SQL, rpId: string): Computed<OfferedPasskeys> =>
  computed.json(
    sql`(SELECT json_group_array(json_object(
        'id', passkeys.id, 'credential_id', passkeys.credential_id, 'details_enc', passkeys.details_enc))
      FROM passkeys WHERE passkeys.user_id = ${userId} AND ${isUsablePasskey(rpId)})`,
    offeredSchema,
  )

/**
 * Describes passkeys for `allowCredentials`. While no store answers for the data key, the browser does not
 * learn how to reach them, and tries every way.
 * @throws CiphertextError if the details were altered or moved
 */
export const describePasskeys = (
  found: OfferedPasskeys,
  { userId, lookup }: { readonly userId: UserId; readonly lookup: DataKeyLookup },
): Promise<PasskeyDescriptor[]> =>
  Promise.all(
    found.map(async ({ id, credential_id, details_enc }) => {
      const descriptor = { type: 'public-key', id: credential_id } as const
      if (lookup.kind !== 'found' || details_enc === null) return descriptor
      const { transports } = await openPasskeyDetails(lookup.key, { passkeyId: id, userId }, details_enc)
      return transports.length === 0 ? descriptor : { ...descriptor, transports }
    }),
  )
