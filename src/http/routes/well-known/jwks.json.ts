import { keySetView, listSigningKeys } from '../../../sessions/list-signing-keys.ts'
import { answer } from '../../contract/answers.ts'
import { route } from '../../contract/contract.ts'
import { keyExamples } from '../../examples/key-examples.ts'

const CACHEABLE = { 'cache-control': 'public, max-age=3600' }

export const getKeysRoute = route({
  method: 'GET',
  path: '/.well-known/jwks.json',
  id: 'getKeys',
  area: 'Discovery',
  access: 'public',
  summary: 'Get the public keys of access tokens',
  description: 'The keys of last month, this month and next month. Cacheable for an hour.',
  answers: {
    200: {
      description: 'A JSON Web Key Set (RFC 7517).',
      schema: keySetView,
      example: () => ({ keys: [keyExamples.signingKey] }),
    },
  },
  async handle(c) {
    return answer(200, await listSigningKeys(c.get('ctx')), CACHEABLE)
  },
})
