import type { Route } from '../http/contract/definition.ts'
import { confirmSignInCodeRoute } from '../http/routes/auth/email/confirm.ts'
import { requestSignInCodeRoute } from '../http/routes/auth/email.ts'
import { offerFirstPasskeyRoute } from '../http/routes/auth/sign-up/passkey/options.ts'
import { signUpWithPasskeyRoute } from '../http/routes/auth/sign-up/passkey.ts'
import { requestSignUpRoute } from '../http/routes/auth/sign-up.ts'

// The routes that sign in and up with a mailbox, by the path that loads them.

export const mailboxRoutes: readonly Route[] = [requestSignInCodeRoute, confirmSignInCodeRoute]
export const signUpRoutes: readonly Route[] = [requestSignUpRoute, offerFirstPasskeyRoute, signUpWithPasskeyRoute]
