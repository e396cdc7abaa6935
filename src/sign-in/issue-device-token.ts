import type { Context } from '../context.ts'
import { mintDeviceToken } from '../crypto/device-token.ts'
import { parseEmailAddress } from '../identity/email/email-address.ts'

/**
 * Issues a device token after the user has proven the account on this device. With it, wrong passwords that
 * other people send cannot lock the user out on this device.
 * @param email the decrypted address, as stored. Null when the data key could not be read: then no token is
 * issued.
 */
export async function issueDeviceToken(
  { ring, now }: Pick<Context, 'ring' | 'now'>,
  email: string | null,
): Promise<string | undefined> {
  const address = email === null ? undefined : parseEmailAddress(email)
  return address && mintDeviceToken(ring, address.canonical, now)
}
