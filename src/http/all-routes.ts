import { commonRoutes } from './common-routes.ts'
import type { Route } from './contract/definition.ts'
import { accountRoutes } from './routes/account.ts'
import { adminRoutes } from './routes/admin/index.ts'
import { docsPageRoutes } from './routes/docs.ts'
import { getDocumentRoute } from './routes/openapi.json.ts'

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
