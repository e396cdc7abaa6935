import type { MiddlewareHandler } from 'hono'
import { createMiddleware } from 'hono/factory'
import { type Metrics, type RequestObserved, report } from '../../core/observation.ts'
import type { HttpContext, HttpEnvironment } from '../environment.ts'

/** Returns the request counters of an environment. */
export type MetricsFor = (env: Env) => Metrics

/** Any other method is arbitrary text from the client and is reported as `OTHER`. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/**
 * Writes one log line and one counter for every request, with its route and its result. Never its content:
 * paths contain ids, queries contain e-mail addresses, and headers identify the client.
 */
export const observe = (metricsFor: MetricsFor): MiddlewareHandler<HttpEnvironment> =>
  createMiddleware<HttpEnvironment>(async (c, next) => {
    const startedMs = Date.now()
    await next()
    const timing = c.get('phases')?.header()
    if (timing !== undefined) c.res.headers.set('server-timing', timing)
    const observed = describe(c, startedMs)
    const { REQUEST_LOG } = c.get('ctx')?.settings ?? { REQUEST_LOG: 'all' }
    const metrics = metricsFor(c.env)
    const isToldOf = REQUEST_LOG === 'all' || (REQUEST_LOG === 'problems' && observed.status >= 400)
    if (isToldOf) report(metrics, observed)
    else metrics.count(observed)
  })

const describe = (c: HttpContext, startedMs: number): RequestObserved => ({
  event: 'request',
  request_id: c.get('requestId'),
  method: METHODS.has(c.req.method) ? c.req.method : 'OTHER',
  route: c.get('route') ?? 'unmatched',
  status: c.res.status,
  code: c.get('problem') ?? 'ok',
  duration_ms: Date.now() - startedMs,
})
