// An API of your own as a Worker with Hono that verifies access tokens offline, and requires a role on one
// route.
//
//   npm install hono jose
//   npx wrangler dev resource-server-hono.ts --var ISSUER:http://localhost:8787 --var AUDIENCE:latchkey
import { Hono } from 'hono'
import { createMiddleware } from 'hono/factory'
import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from 'jose'

interface Environment {
  Bindings: { ISSUER: string; AUDIENCE: string }
  Variables: { claims: JWTPayload & { roles?: string[] } }
}

/** Keys that could not be fetched say nothing about the token. */
const OURS = ['ERR_JOSE_GENERIC', 'ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID']

let keys: ReturnType<typeof createRemoteJWKSet> | undefined

const authenticate = createMiddleware<Environment>(async (c, next) => {
  const { ISSUER: issuer, AUDIENCE: audience } = c.env
  keys ??= createRemoteJWKSet(new URL('/.well-known/jwks.json', issuer), { cacheMaxAge: 3_600_000 })
  const [, token = ''] = /^Bearer +(\S+)$/i.exec(c.req.header('authorization') ?? '') ?? []
  try {
    const { payload } = await jwtVerify(token, keys, {
      issuer,
      audience,
      typ: 'at+jwt',
      algorithms: ['ES256'],
      requiredClaims: ['sub', 'sid', 'iat', 'exp', 'jti'],
    })
    c.set('claims', payload)
  } catch (error) {
    if (error instanceof errors.JOSEError && !OURS.includes(error.code))
      return c.body(null, 401, { 'www-authenticate': 'Bearer' })
    return c.body(null, 503, { 'retry-after': '5' })
  }
  return await next()
})

/** A removed role stays in the token until it expires. If that is too long, ask the service itself. */
const requireRole = (role: string) =>
  createMiddleware<Environment>(async (c, next) => {
    if (!c.var.claims.roles?.includes(role)) return c.body(null, 403)
    return await next()
  })

const app = new Hono<Environment>()
app.use(authenticate)
app.get('/', (c) => c.json({ user_id: c.var.claims.sub }))
app.get('/reports', requireRole('analyst'), (c) => c.json({ reports: [] }))

export default app
