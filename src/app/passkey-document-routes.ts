import type { Route } from '../http/contract/definition.ts'
import { listAppleAppsRoute } from '../http/routes/well-known/apple-app-site-association.ts'
import { listAndroidAppsRoute } from '../http/routes/well-known/assetlinks.json.ts'
import { listPasskeyEndpointsRoute } from '../http/routes/well-known/passkey-endpoints.ts'
import { listRelatedOriginsRoute } from '../http/routes/well-known/webauthn.ts'

// What browsers, password managers and mobile systems read about passkeys, by the path that loads it.

export const relatedOriginsRoutes: readonly Route[] = [listRelatedOriginsRoute]
export const passkeyEndpointsRoutes: readonly Route[] = [listPasskeyEndpointsRoute]
export const androidAppsRoutes: readonly Route[] = [listAndroidAppsRoute]
export const appleAppsRoutes: readonly Route[] = [listAppleAppsRoute]
