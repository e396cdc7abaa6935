import { type BlindIndexes, blindIndex, blindIndexes } from '../../crypto/blind-index.ts'
import type { KeyRing } from '../../crypto/key-ring.ts'
import { encryptEmail } from '../../storage/database/users.ts'
import type { EmailAddress } from './email-address.ts'

/**
 * The stored form of an address: blind indexes for the look-up, and the text encrypted under the data key.
 */
export interface EmailColumns {
  readonly indexes: BlindIndexes
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

/** The columns of `users` for an address, by their SQL names. */
export const emailValues = ({ indexes, domainIndex, emailEnc }: EmailColumns) => ({
  email_index: indexes[0],
  email_domain_index: domainIndex,
  email_enc: emailEnc,
})
