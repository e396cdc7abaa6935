import type { Context } from '../context.ts'
import type { View } from '../core/answer-schema.ts'
import type { DataKeyLookup } from '../core/ports.ts'
import type { SessionTokens } from '../sessions/session-tokens.ts'
import type { SignInAccount } from '../storage/database/sign-in-account.ts'
import { decryptEmail } from '../storage/database/users.ts'
import { issueDeviceToken } from './issue-device-token.ts'
import type { signInView } from './sign-in-view.ts'

/** What a sign-in answers with. Tokens that a browser keeps in cookies stand beside the view, not in it. */
export interface SignIn extends SessionTokens {
  readonly view: View<typeof signInView>
  /** Undefined when no store gave the key to read the address. */
  readonly deviceToken: string | undefined
}

interface Opened {
  readonly account: SignInAccount
  readonly key: DataKeyLookup
  readonly tokens: SessionTokens
  /** The address that was just typed, shown when no store gave the key to read the stored one. */
  readonly typed?: string | undefined
}

/** Describes the session that was opened, and gives the device a token. */
export async function describeSignIn(
  ctx: Pick<Context, 'ring' | 'now'>,
  { account, key, tokens, typed }: Opened,
): Promise<SignIn> {
  const email = key.kind === 'found' ? await decryptEmail(key.key, account.id, account.emailEnc) : (typed ?? null)
  return {
    view: { ...tokens.view, user: { id: account.id, email, is_verified: account.isVerified } },
    refreshToken: tokens.refreshToken,
    deviceToken: await issueDeviceToken(ctx, email),
  }
}
