import type { ApiPath } from './api-path.ts'

/**
 * The address of a route, from the root and without a query. Whatever speaks of a path outside its contract
 * is held to this: `` `/api/v1/users/me/export/${id}` satisfies ApiAddress `` does not compile once the route
 * is elsewhere.
 */
export type ApiAddress = Filled<ApiPath>

type Filled<Path extends string> = Path extends `${infer Before}{${string}}${infer After}`
  ? `${Before}${string}${Filled<After>}`
  : Path
