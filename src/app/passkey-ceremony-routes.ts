import type { Route } from '../http/contract/definition.ts'
import { offerPasskeySignInRoute } from '../http/routes/auth/passkey/options.ts'
import { signInWithPasskeyRoute } from '../http/routes/auth/passkey.ts'
import { offerPasskeyRoute } from '../http/routes/users/me/passkeys/options.ts'
import { addPasskeyRoute } from '../http/routes/users/me/passkeys.ts'

// The routes of passkeys, by the path that loads them.

export const passkeySignInRoutes: readonly Route[] = [offerPasskeySignInRoute, signInWithPasskeyRoute]
export const passkeysRoutes: readonly Route[] = [offerPasskeyRoute, addPasskeyRoute]
