import type { ApiPath } from './api-path.ts'

/**
 * The path of a route, from the root and without a query. Code that writes a path outside the route's
 * contract uses this type: `` `/api/v1/users/me/export/${id}` satisfies ApiAddress `` no longer compiles once
 * the route has moved.
 */
export type ApiAddress = Filled<ApiPath>

type Filled<Path extends string> = Path extends `${infer Before}{${string}}${infer After}`
  ? `${Before}${string}${Filled<After>}`
  : Path
