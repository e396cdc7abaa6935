import { appleAppsView, listAppleApps } from '../../../sign-in/passkey/well-known-documents.ts'
import { answer } from '../../contract/answers.ts'
import { route } from '../../contract/contract.ts'

const CACHEABLE = { 'cache-control': 'public, max-age=3600' }

export const listAppleAppsRoute = route({
  method: 'GET',
  path: '/.well-known/apple-app-site-association',
  id: 'listAppleApps',
  area: 'Discovery',
  access: 'public',
  summary: 'List the Apple applications that share passkeys',
  description: 'Devices of Apple read it. The applications are those of `APPLE_APP_IDS`. Cacheable for an hour.',
  answers: {
    200: {
      description: 'The identifiers of the applications.',
      schema: appleAppsView,
      example: () => ({ webcredentials: { apps: ['A1B2C3D4E5.com.example.app'] } }),
    },
  },
  problems: ['not_found'],
  async handle(c) {
    return answer(200, listAppleApps(c.get('ctx')), CACHEABLE)
  },
})
