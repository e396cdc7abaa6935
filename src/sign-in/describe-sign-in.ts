import type { Context } from '../context.ts'
import type { View } from '../core/answer-schema.ts'
import type { DataKeyLookup } from '../core/ports.ts'
import type { SessionTokens } from '../sessions/session-tokens.ts'
import type { SignInAccount } from '../storage/database/sign-in-account.ts'
import { decryptEmail } from '../storage/database/users.ts'
import { issueDeviceToken } from './issue-device-token.ts'
import type { signInView } from './sign-in-view.ts'

/**
 * The result of a sign-in. In cookie mode a browser gets the tokens as cookies, so they are not in the view.
 */
export interface SignIn extends SessionTokens {
  readonly view: View<typeof signInView>
  /**
   * Undefined when the data key could not be read and no address was typed: a token belongs to an address.
   */
  readonly deviceToken: string | undefined
}

interface OpenedSession {
  readonly account: SignInAccount
  readonly key: DataKeyLookup
  readonly tokens: SessionTokens
  /**
   * The e-mail address that was typed. It is shown when the data key for the stored one could not be read.
   */
  readonly typed?: string | undefined
}

/** Describes the new session and issues a device token. */
export async function describeSignIn(
  ctx: Pick<Context, 'ring' | 'now'>,
  { account, key, tokens, typed }: OpenedSession,
): Promise<SignIn> {
  const email = key.kind === 'found' ? await decryptEmail(key.key, account.id, account.emailEnc) : (typed ?? null)
  return {
    view: { ...tokens.view, user: { id: account.id, email, is_verified: account.isVerified } },
    refreshToken: tokens.refreshToken,
    deviceToken: await issueDeviceToken(ctx, email),
  }
}
