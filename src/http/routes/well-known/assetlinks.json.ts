import { assetLinksView, listAndroidApps } from '../../../sign-in/passkey/well-known-documents.ts'
import { answer } from '../../contract/answers.ts'
import { route } from '../../contract/contract.ts'

const CACHEABLE = { 'cache-control': 'public, max-age=3600' }

export const listAndroidAppsRoute = route({
  method: 'GET',
  path: '/.well-known/assetlinks.json',
  id: 'listAndroidApps',
  area: 'Discovery',
  access: 'public',
  summary: 'List the Android applications that share passkeys',
  description:
    'Android reads it (Digital Asset Links). The applications are those of `ANDROID_APPS`. Cacheable for an hour.',
  answers: {
    200: {
      description: 'The applications and their certificates.',
      schema: assetLinksView,
      example: () => [
        {
          relation: ['delegate_permission/common.handle_all_urls', 'delegate_permission/common.get_login_creds'],
          target: {
            namespace: 'android_app',
            package_name: 'com.example.app',
            sha256_cert_fingerprints: [Array.from({ length: 32 }, () => 'A1').join(':')],
          },
        },
      ],
    },
  },
  problems: ['not_found'],
  async handle(c) {
    return answer(200, listAndroidApps(c.get('ctx')), CACHEABLE)
  },
})
