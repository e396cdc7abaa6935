import { Hono } from 'hono'
import { RegExpRouter } from 'hono/router/reg-exp-router'
import { AppError } from '../core/errors.ts'
import { describeFailure } from '../core/failure.ts'
import { log } from '../core/log.ts'
import type { Route } from '../http/contract/definition.ts'
import { methodsFor, mount } from '../http/contract/mount.ts'
import type { HttpContext, HttpEnvironment, OpenForRequest } from '../http/environment.ts'
import { allowOrigins } from '../http/middleware/cors.ts'
import { type MetricsFor, observe } from '../http/middleware/observe.ts'
import { withContext } from '../http/middleware/open-context.ts'
import { requireHttps, securityHeaders } from '../http/middleware/security-headers.ts'
import { problemResponse } from '../http/problem.ts'
import { answerRefusal } from '../http/refusal.ts'
import { livezRoute } from '../http/routes/livez.ts'
import { ConfigError } from '../runtime/config.ts'

/**
 * Builds an application from the given routes, with the middleware and error handling that all routes share.
 */
export function frame(routes: readonly Route[], open: OpenForRequest, metricsFor: MetricsFor): Hono<HttpEnvironment> {
  // RegExpRouter compiles all routes into one regular expression. It throws for two paths that it cannot
  // distinguish, such as /users/export and /users/:id/lock. Hono's default would silently switch to a router
  // that is slower for every route.
  const app = new Hono<HttpEnvironment>({ router: new RegExpRouter() })
  app.use(observe(metricsFor))
  app.use(securityHeaders)
  app.use(allowOrigins)
  app.get(livezRoute.path, (c) => {
    c.set('route', livezRoute.path)
    return livezRoute.handle(c, undefined, undefined)
  })
  app.use(requireHttps)
  for (const definition of routes) mount(app, definition, open)
  const openContext = withContext(open, { route: undefined })
  app.notFound(async (c) => {
    // A Worker with missing settings answers `misconfigured` on every path, also on unknown ones.
    await openContext(c, async () => undefined)
    const allow = methodsFor([livezRoute, ...routes], c.req.path)
    return problemResponse(
      c,
      allow.length === 0 ? new AppError('not_found') : new AppError('method_not_allowed', { allow }),
    )
  })
  app.onError((error, c) => answerRefusal(c, toAppError(error, c)))
  return app
}

/** Turns any error into a problem code. An unexpected error is logged without its message. */
function toAppError(error: Error, c: HttpContext): AppError {
  if (error instanceof AppError) return error
  if (error instanceof ConfigError) {
    log('error', 'misconfigured', { settings: error.settings })
    return new AppError('misconfigured')
  }
  const { name, code, isTransient } = describeFailure(error)
  log('error', 'request_failed', { request_id: c.get('requestId'), error: name, code })
  return new AppError(isTransient ? 'unavailable' : 'internal_error')
}
