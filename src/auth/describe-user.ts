import type { DataKeyLookup } from '../core/ports.ts'
import { decryptEmail } from '../storage/database/email-field.ts'
import type { SessionTokens } from './session-tokens.ts'
import type { SignInAccount } from './sign-in-account.ts'

/** What a sign-in answers with. */
export interface SignIn {
  readonly tokens: SessionTokens
  /** Undefined when no store gave the key to read the address. */
  readonly deviceToken: string | undefined
  readonly user: { readonly id: string; readonly email: string | null; readonly is_verified: boolean }
}

/** @param typed the address that was just typed, shown when no store gave the key to read the stored one */
export async function describeUser(
  account: SignInAccount,
  key: DataKeyLookup,
  typed?: string,
): Promise<SignIn['user']> {
  const email = key.kind === 'found' ? await decryptEmail(key.key, account.id, account.emailEnc) : (typed ?? null)
  return { id: account.id, email, is_verified: account.isVerified }
}
