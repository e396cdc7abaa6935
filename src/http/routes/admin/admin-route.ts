import type * as z from 'zod'
import { nextPageLink } from '../../contract/query-members.ts'
import type { HttpContext } from '../../environment.ts'
import { type Route, type RouteDefinition, route } from '../../route.ts'

export { operationFields, reasonSchema } from '../../contract/admin-route.ts'
export { limitSchema } from '../../contract/query-members.ts'

export const ADMIN_PATH = '/api/v1/admin'

type AdminRoute<Body extends z.ZodType, Query extends z.ZodType> = Omit<
  RouteDefinition<Body, Query>,
  'access' | 'acceptsBookmark'
>

/** As `contract/admin-route.ts`, without a contract: for the routes of Moving. */
export const adminRoute = <Body extends z.ZodType, Query extends z.ZodType>(
  definition: AdminRoute<Body, Query>,
): Route =>
  route({
    ...(definition.method !== 'GET' && { limits: { policy: 'operate', isCountedWithWork: true } as const }),
    ...definition,
    path: ADMIN_PATH + definition.path,
    access: definition.method === 'GET' ? 'admin' : 'admin-step-up',
  })

export function linkNextPage(c: HttpContext, nextCursor: string | null): void {
  for (const [name, value] of Object.entries(nextPageLink(c, nextCursor))) c.header(name, value)
}
