import type { Route } from '../http/contract/definition.ts'
import { accountRoutes } from '../http/routes/account.ts'
import { adminRoutes } from '../http/routes/admin/index.ts'
import { docsPageRoutes } from '../http/routes/docs.ts'
import { getDocumentRoute } from '../http/routes/openapi.json.ts'
import { commonRoutes } from './common-routes.ts'

/** The document, which describes all of them. */
export const documentRoutes: readonly Route[] = [getDocumentRoute(() => routes)]

/** Every route of the service, but for `/livez`, which needs nothing to answer. */
export const routes: readonly Route[] = [
  ...commonRoutes,
  ...adminRoutes,
  ...accountRoutes,
  ...documentRoutes,
  ...docsPageRoutes,
]
