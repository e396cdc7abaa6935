import type { Context } from '../context.ts'
import type { UserId } from '../core/ids.ts'
import { CiphertextError } from '../crypto/field-cipher.ts'
import { decryptEmail } from '../storage/database/users.ts'

/**
 * A Worker can have six connections open at once. Further reads would wait while their time limits already
 * run.
 */
const KEYS_AT_ONCE = 6

interface EncryptedEmail {
  readonly id: UserId
  readonly email_enc: string
}

/**
 * Reads the address of each user, in the given order. The address is null when the user is erased, the row
 * was altered, or no store answers.
 */
export async function readEmails(
  ctx: Pick<Context, 'vault'>,
  users: readonly EncryptedEmail[],
): Promise<readonly (string | null)[]> {
  const emails: (string | null)[] = []
  for (let from = 0; from < users.length; from += KEYS_AT_ONCE) {
    const some = users.slice(from, from + KEYS_AT_ONCE)
    emails.push(...(await Promise.all(some.map((user) => readEmail(ctx, user)))))
  }
  return emails
}

async function readEmail({ vault }: Pick<Context, 'vault'>, { id, email_enc }: EncryptedEmail): Promise<string | null> {
  if (email_enc === '') return null
  const lookup = await vault.find(id)
  if (lookup.kind !== 'found') return null
  try {
    return await decryptEmail(lookup.key, id, email_enc)
  } catch (error) {
    if (error instanceof CiphertextError) return null
    throw error
  }
}
