import type { Route } from '../http/contract/definition.ts'
import { checkReturnRoute, returnToApplicationRoute } from '../http/routes/auth/return.ts'

/** The routes with which a page sends a person back to an application. */
export const returnRoutes: readonly Route[] = [checkReturnRoute, returnToApplicationRoute]
