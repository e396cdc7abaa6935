import { listRelatedOrigins, relatedOriginsView } from '../../../sign-in/passkey/well-known-documents.ts'
import { answer } from '../../contract/answers.ts'
import { route } from '../../contract/contract.ts'

const CACHEABLE = { 'cache-control': 'public, max-age=3600' }

export const listRelatedOriginsRoute = route({
  method: 'GET',
  path: '/.well-known/webauthn',
  id: 'listRelatedOrigins',
  area: 'Discovery',
  access: 'public',
  summary: 'List the origins that may use passkeys',
  description:
    'Browsers read it on the domain of the passkeys when a page of another domain asks for one (WebAuthn Level 3 section 5.11). The origins are those of `WEBAUTHN_ORIGINS`, without Android applications. Cacheable for an hour.',
  answers: {
    200: {
      description: 'The origins of the web pages.',
      schema: relatedOriginsView,
      example: () => ({ origins: ['https://id.example.com'] }),
    },
  },

  async handle(c) {
    return answer(200, listRelatedOrigins(c.get('ctx')), CACHEABLE)
  },
})
