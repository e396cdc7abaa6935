import type { Route } from '../http/contract/definition.ts'
import { offerPasskeySignInRoute } from '../http/routes/auth/passkey/options.ts'
import { signInWithPasskeyRoute } from '../http/routes/auth/passkey.ts'
import { offerPasskeyStepUpRoute } from '../http/routes/auth/step-up/options.ts'
import { removePasskeyRoute, renamePasskeyRoute } from '../http/routes/users/me/passkeys/[id].ts'
import { offerPasskeyRoute } from '../http/routes/users/me/passkeys/options.ts'
import { addPasskeyRoute } from '../http/routes/users/me/passkeys.ts'

// The routes of passkeys, by the path that loads them.

export const passkeySignInRoutes: readonly Route[] = [offerPasskeySignInRoute, signInWithPasskeyRoute]
export const passkeyStepUpRoutes: readonly Route[] = [offerPasskeyStepUpRoute]
export const passkeysRoutes: readonly Route[] = [
  offerPasskeyRoute,
  addPasskeyRoute,
  renamePasskeyRoute,
  removePasskeyRoute,
]
