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

/** What stands around every route, with these in it. */
export function frame(routes: readonly Route[], open: OpenForRequest, metricsFor: MetricsFor): Hono<HttpEnvironment> {
  // One regular expression for all routes. It refuses a pair of paths that it cannot tell apart, such as
  // /users/export beside /users/:id/lock; Hono's default would quietly take a router that is slower for every
  // route.
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
    // A Worker that is not configured says so on every path.
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

/** Anything that is not ours to tell becomes a code, and a log line without the error's message. */
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
