import { type SQL, sql } from 'drizzle-orm'
import { blindIndex, blindIndexes } from '../../crypto/blind-index.ts'
import type { KeyRing } from '../../crypto/key-ring.ts'
import { encryptEmail } from '../../storage/database/email-field.ts'
import type { EmailAddress } from '../email-address.ts'

/** How an address is stored: what finds it, and what only its owner's key reads. */
export interface EmailColumns {
  /** Under every root key version, newest first: a look-up asks for all, a write stores the first. */
  readonly indexes: readonly string[]
  readonly domainIndex: string
  readonly emailEnc: string
}

export async function sealEmail(
  ring: KeyRing,
  key: CryptoKey,
  userId: string,
  { canonical, domain, display }: EmailAddress,
): Promise<EmailColumns> {
  const [indexes, domainIndex, emailEnc] = await Promise.all([
    blindIndexes(ring, 'emailIndex', canonical),
    blindIndex(ring.newest, 'emailDomainIndex', domain),
    encryptEmail(key, userId, display),
  ])
  return { indexes, domainIndex, emailEnc }
}

/** SQL: the assignments that put an address into a row of `users`. */
export const emailAssignments = ({ indexes, domainIndex, emailEnc }: EmailColumns): SQL => sql`
  email_index = ${indexes[0]}, email_domain_index = ${domainIndex}, email_enc = ${emailEnc}`

interface Claimant {
  /** SQL for an id. */
  readonly userId: SQL
  readonly now: number
}

/**
 * SQL condition: no account but this one has the address, under any version of the index, or can go back to it. A thief
 * who moved an account away could otherwise register its old address, and the undo would find it taken.
 */
export const isFreeFor = ({ indexes }: Pick<EmailColumns, 'indexes'>, { userId, now }: Claimant): SQL => sql`
  NOT EXISTS (SELECT 1 FROM users taken WHERE taken.email_index IN ${[...indexes]} AND taken.id <> ${userId})
  AND NOT EXISTS (
    SELECT 1 FROM one_time_tokens kept WHERE kept.address_index IN ${[...indexes]} AND kept.user_id <> ${userId}
      AND kept.consumed_at IS NULL AND kept.expires_at > ${now})`
