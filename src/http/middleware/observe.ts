import type { MiddlewareHandler } from 'hono'
import { createMiddleware } from 'hono/factory'
import { type Metrics, type RequestObserved, report } from '../../core/observation.ts'
import type { HttpContext, HttpEnvironment } from '../environment.ts'

/** The counters of an environment. */
export type MetricsFor = (env: Env) => Metrics

/** Any other is whatever somebody typed. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/**
 * Says of every request, by one line and one count, which route it was and how it ended; never what was in
 * it: paths hold ids, queries addresses, and headers who asked.
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
