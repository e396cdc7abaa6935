// An API of your own in plain Node that verifies access tokens offline: it fetches the public keys once an
// hour, and makes no other request. A token is accepted until it expires, up to 15 minutes after sign-out.
//
//   npm install jose
//   ISSUER=http://localhost:8787 PORT=8080 node resource-server-node.ts
//   curl -H "authorization: Bearer $access" http://localhost:8080/
import { createServer } from 'node:http'
import { createRemoteJWKSet, errors, jwtVerify } from 'jose'

const issuer = process.env.ISSUER ?? 'http://localhost:8787'
const audience = process.env.AUDIENCE ?? 'latchkey'
const keys = createRemoteJWKSet(new URL('/.well-known/jwks.json', issuer), { cacheMaxAge: 3_600_000 })

/** Keys that could not be fetched say nothing about the token. */
const OURS = ['ERR_JOSE_GENERIC', 'ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID']

const rules = {
  issuer,
  audience,
  typ: 'at+jwt',
  algorithms: ['ES256'],
  requiredClaims: ['sub', 'sid', 'iat', 'exp', 'jti'],
}

createServer(async (request, response) => {
  const [, token = ''] = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '') ?? []
  try {
    const { payload } = await jwtVerify(token, keys, rules)
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ user_id: payload.sub, roles: payload.roles }))
  } catch (error) {
    const isTokenWrong = error instanceof errors.JOSEError && !OURS.includes(error.code)
    response.writeHead(
      isTokenWrong ? 401 : 503,
      isTokenWrong ? { 'www-authenticate': 'Bearer' } : { 'retry-after': '5' },
    )
    response.end()
  }
}).listen(Number(process.env.PORT ?? 8080), '127.0.0.1')
