import { Hono } from 'hono'
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'

interface Trusted {
  readonly issuer: string
  readonly audience: string
  readonly keys: JSONWebKeySet
}

// The API of an application that checks the tokens of an issuer without a request to it: signature, issuer,
// audience, expiry.
const app = new Hono()
const trusted = new Map<string, Omit<Trusted, 'keys'> & { keys: ReturnType<typeof createLocalJWKSet> }>()

app.put('/issuers/:name', async (c) => {
  const { issuer, audience, keys } = await c.req.json<Trusted>()
  trusted.set(c.req.param('name'), { issuer, audience, keys: createLocalJWKSet(keys) })
  return c.body(null, 204)
})

app.get('/check/:name', async (c) => {
  const known = trusted.get(c.req.param('name'))
  if (known === undefined) return c.notFound()
  const { keys, issuer, audience } = known
  const token = c.req.header('authorization')?.slice('Bearer '.length) ?? ''
  const { payload } = await jwtVerify(token, keys, { issuer, audience, algorithms: ['ES256'] })
  return c.json({ subject: payload.sub })
})

export default app
