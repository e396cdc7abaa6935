import { createMiddleware } from 'hono/factory'
import { AppError } from '../../core/errors.ts'
import { isLoopback } from '../../core/web-address.ts'
import type { HttpEnvironment } from '../environment.ts'

const HEADERS = {
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-site',
} as const

/**
 * Adds the request id and the security headers to every response, including errors.
 */
export const securityHeaders = createMiddleware<HttpEnvironment>(async (c, next) => {
  c.set('requestId', crypto.randomUUID())
  await next()
  const { headers } = c.res
  for (const [name, value] of Object.entries(HEADERS)) if (!headers.has(name)) headers.set(name, value)
  if (!headers.has('cache-control')) headers.set('cache-control', 'no-store')
  if (headers.get('content-type') === 'application/json') headers.set('content-type', 'application/json; charset=utf-8')
  headers.set('x-request-id', c.get('requestId'))
})

/** @throws AppError `https_required` for plain HTTP, except on a loopback address */
export const requireHttps = createMiddleware<HttpEnvironment>(async (c, next) => {
  const { url } = c.req
  // The runtime normalizes URLs, so comparing the first characters is enough.
  if (!url.startsWith('https://') && !isLoopback(new URL(url).hostname)) throw new AppError('https_required')
  await next()
})
