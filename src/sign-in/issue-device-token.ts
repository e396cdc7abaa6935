import type { Context } from '../context.ts'
import { mintDeviceToken } from '../crypto/device-token.ts'
import { parseEmailAddress } from '../identity/email/email-address.ts'

/**
 * What a device gets whose user has just proven the account, so that strangers' wrong passwords cannot keep
 * that user out there.
 * @param email as it is stored; null when no store gave the key to read it, and then there is no token
 */
export async function issueDeviceToken(
  { ring, now }: Pick<Context, 'ring' | 'now'>,
  email: string | null,
): Promise<string | undefined> {
  const address = email === null ? undefined : parseEmailAddress(email)
  return address && mintDeviceToken(ring, address.canonical, now)
}
