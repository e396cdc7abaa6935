import type { Hono, MiddlewareHandler } from 'hono'
import type { HttpEnvironment, OpenForRequest } from '../environment.ts'
import { answerIdempotently } from '../idempotency.ts'
import { withContext } from '../middleware/open-context.ts'
import { validateBody, validateQuery } from '../validate.ts'
import type { Route } from './definition.ts'
import {
  assertCapacity,
  burstLimitFor,
  countFor,
  guardBulk,
  guardOf,
  markNavigated,
  noteShortRequest,
  takeQueuePlace,
  takeQueuePlaceIf,
  valid,
} from './guards.ts'

/**
 * Mounts a route with its guards, in this order: open the context, check the hash queue and burst limit,
 * authenticate, validate, wait in the hash queue, count, handle.
 */
export function mount(app: Hono<HttpEnvironment>, definition: Route, open: OpenForRequest): void {
  const { method, path, limits, hashesPassword, burstLimit, acceptsBookmark, body, hasOptionalBody, query } = definition
  const guards: MiddlewareHandler[] = [
    ...(definition.isNavigated ? [markNavigated] : []),
    withContext(open, { route: path, acceptsBookmark }),
    ...(hashesPassword === true ? [assertCapacity] : []),
    ...(limits || burstLimit ? [burstLimitFor(definition)] : []),
    ...(hashesPassword ? [] : [noteShortRequest]),
    guardOf(definition),
    ...(query ? validateQuery(query) : []),
    guardBulk(definition),
    ...(body ? [validateBody(body, { isOptional: hasOptionalBody === true })] : []),
    ...(hashesPassword === true ? [takeQueuePlace] : []),
    ...(typeof hashesPassword === 'function' ? [takeQueuePlaceIf(hashesPassword)] : []),
    ...(limits && !limits.isCountedByVerb ? [countFor(limits)] : []),
  ]
  app.on(method, [path], ...guards, (c) => {
    const handle = () => definition.handle(c, body && valid(c, 'json'), query && valid(c, 'query'))
    return definition.isIdempotent ? answerIdempotently(c, { route: `${method} ${path}` }, handle) : handle()
  })
}

/** The methods that a path supports, for the `Allow` header. */
export function methodsFor(routes: readonly Route[], path: string): string[] {
  const matching = routes.filter((candidate) => patternOf(candidate.path).test(path)).map(({ method }) => method)
  return [...new Set(matching.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])))]
}

const patternOf = (path: string): RegExp =>
  new RegExp(
    `^${path
      .replaceAll('.', '\\.')
      .replaceAll('*', '.+')
      .replace(/:[a-z_]+/g, '[^/]+')}$`,
  )
