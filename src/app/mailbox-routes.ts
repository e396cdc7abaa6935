import type { Route } from '../http/contract/definition.ts'
import { confirmSignInCodeRoute } from '../http/routes/auth/email/confirm.ts'
import { requestSignInCodeRoute } from '../http/routes/auth/email.ts'

/** The routes that sign in with a mailbox. */
export const mailboxRoutes: readonly Route[] = [requestSignInCodeRoute, confirmSignInCodeRoute]
