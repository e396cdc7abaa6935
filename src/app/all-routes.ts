import type { Route } from '../http/contract/definition.ts'
import { accountRoutes } from '../http/routes/account.ts'
import { adminRoutes } from '../http/routes/admin/index.ts'
import { logRoutes } from '../http/routes/audit/log/index.ts'
import { keepFactorsRoute } from '../http/routes/auth/keep-factors.ts'
import { proveSecondFactorRoute } from '../http/routes/auth/mfa.ts'
import { undoPasskeyRoute } from '../http/routes/auth/undo-passkey.ts'
import { docsPageRoutes } from '../http/routes/docs.ts'
import { getDocumentRoute } from '../http/routes/openapi.json.ts'
import { keepOwnFactorsRoute } from '../http/routes/users/me/factor-reset.ts'
import { commonRoutes } from './common-routes.ts'
import { mailboxRoutes, signUpRoutes } from './mailbox-routes.ts'
import {
  androidAppsRoutes,
  appleAppsRoutes,
  passkeyEndpointsRoutes,
  relatedOriginsRoutes,
} from './passkey-document-routes.ts'
import { passkeySignInRoutes, passkeyStepUpRoutes, passkeysRoutes } from './passkey-routes.ts'
import { returnRoutes } from './return-routes.ts'
import { enrolRoutes, factorsRoutes, recoveryCodesRoutes, totpRoutes, twoStepRoutes } from './second-factor-routes.ts'

/** The route of the OpenAPI document, which describes all routes. */
export const documentRoutes: readonly Route[] = [getDocumentRoute(() => routes)]

/** Every route of the service except `/livez`, which works without settings and stores. */
export const routes: readonly Route[] = [
  ...commonRoutes,
  keepFactorsRoute,
  keepOwnFactorsRoute,
  ...passkeySignInRoutes,
  ...passkeyStepUpRoutes,
  ...passkeysRoutes,
  undoPasskeyRoute,
  ...factorsRoutes,
  ...totpRoutes,
  ...recoveryCodesRoutes,
  ...twoStepRoutes,
  proveSecondFactorRoute,
  ...enrolRoutes,
  ...returnRoutes,
  ...mailboxRoutes,
  ...signUpRoutes,
  ...relatedOriginsRoutes,
  ...passkeyEndpointsRoutes,
  ...androidAppsRoutes,
  ...appleAppsRoutes,
  ...adminRoutes,
  ...logRoutes,
  ...accountRoutes,
  ...documentRoutes,
  ...docsPageRoutes,
]
