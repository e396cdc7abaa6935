import type { MiddlewareHandler } from 'hono'
import { cors } from 'hono/cors'
import { createMiddleware } from 'hono/factory'
import { settingsSchema } from '../../core/settings.ts'
import type { HttpEnvironment } from '../environment.ts'

interface Origins {
  readonly plain: ReadonlySet<string>
  readonly withCookie: ReadonlySet<string>
}

const listsSchema = settingsSchema.pick({ CORS_ORIGINS: true, COOKIE_ORIGINS: true })

const known = new WeakMap<object, Origins>()

/**
 * The origins that this environment allows. With invalid settings it allows no origin. Every route then
 * answers `misconfigured`.
 */
function originsOf(env: object): Origins {
  const origins = known.get(env) ?? readOrigins(env)
  known.set(env, origins)
  return origins
}

function readOrigins(env: object): Origins {
  const { CORS_ORIGINS = [], COOKIE_ORIGINS = [] } = listsSchema.safeParse(env).data ?? {}
  return { plain: new Set(CORS_ORIGINS), withCookie: new Set(COOKIE_ORIGINS) }
}

/** The origin needs no check here: `allowOrigins` calls this only for origins on a list. */
const answer = (credentials: boolean): MiddlewareHandler =>
  cors({
    origin: (origin) => origin,
    credentials,
    allowMethods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowHeaders: ['authorization', 'content-type', 'if-match', 'idempotency-key', 'x-d1-bookmark'],
    exposeHeaders: [
      ...['etag', 'link', 'location', 'retry-after', 'ratelimit', 'ratelimit-policy'],
      ...['www-authenticate', 'x-d1-bookmark', 'x-request-id'],
    ],
    maxAge: 600,
  })

/** The audit log is for everybody: an auditor may read it with a page of any origin. */
const forAll = cors({ origin: '*', allowMethods: ['GET', 'HEAD'], exposeHeaders: ['retry-after'], maxAge: 86_400 })

const isForAll = (path: string): boolean => path.startsWith('/audit/log/')

const withCredentials = answer(true)
const withoutCredentials = answer(false)

/**
 * Adds CORS headers for the listed origins, compared as whole strings. Every other origin, including `null`,
 * gets no CORS headers, except from the audit log.
 */
export const allowOrigins = createMiddleware<HttpEnvironment>(async (c, next) => {
  if (isForAll(c.req.path)) return forAll(c, next)
  const origin = c.req.header('origin')
  const { plain, withCookie } = originsOf(c.env)
  if (origin !== undefined && withCookie.has(origin)) return withCredentials(c, next)
  if (origin !== undefined && plain.has(origin)) return withoutCredentials(c, next)
  c.header('vary', 'Origin')
  return next()
})
