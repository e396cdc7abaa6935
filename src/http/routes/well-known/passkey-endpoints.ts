import { listPasskeyEndpoints, passkeyEndpointsView } from '../../../sign-in/passkey/well-known-documents.ts'
import { answer } from '../../contract/answers.ts'
import { route } from '../../contract/contract.ts'

const CACHEABLE = { 'cache-control': 'public, max-age=3600' }

export const listPasskeyEndpointsRoute = route({
  method: 'GET',
  path: '/.well-known/passkey-endpoints',
  id: 'listPasskeyEndpoints',
  area: 'Discovery',
  access: 'public',
  summary: 'Find the page that manages passkeys',
  description: 'Password managers read it (W3C Working Draft, 14 January 2026). Cacheable for an hour.',
  answers: {
    200: {
      description:
        'The addresses of the page. They are absent if the pages of this service may not use passkeys, because `ISSUER` is not in `WEBAUTHN_ORIGINS`.',
      schema: passkeyEndpointsView,
      example: () => ({
        enroll: 'https://id.example.com/account/security#passkeys',
        manage: 'https://id.example.com/account/security#passkeys',
      }),
    },
  },

  async handle(c) {
    return answer(200, listPasskeyEndpoints(c.get('ctx')), CACHEABLE)
  },
})
