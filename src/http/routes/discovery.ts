import { getCheckpoint } from '../../compliance/archive/get-checkpoint.ts'
import { route } from '../route.ts'

const CACHEABLE = { 'cache-control': 'public, max-age=3600' }

export const discoveryRoutes = [
  route({
    method: 'GET',
    path: '/.well-known/jwks.json',
    access: 'public',
    async handle(c) {
      const { tokens, now } = c.get('ctx')
      return c.json({ keys: await tokens.keys.published(now) }, 200, CACHEABLE)
    },
  }),
  route({
    method: 'GET',
    path: '/.well-known/audit-checkpoint',
    access: 'public',
    async handle(c) {
      return c.json(await getCheckpoint(c.get('ctx')))
    },
  }),
  route({
    method: 'GET',
    path: '/.well-known/openid-configuration',
    access: 'public',
    async handle(c) {
      const issuer = c.get('ctx').settings.ISSUER
      return c.json({
        issuer,
        jwks_uri: `${issuer}/.well-known/jwks.json`,
        id_token_signing_alg_values_supported: ['ES256'],
        token_endpoint_auth_methods_supported: ['none'],
        response_types_supported: [],
        subject_types_supported: ['public'],
      })
    },
  }),
]
