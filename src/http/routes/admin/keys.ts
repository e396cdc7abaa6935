import type { JobName } from '../../../core/job-name.ts'
import { getKeys } from '../../../operators/get-keys.ts'
import { keyProgressView } from '../../../operators/key-progress-view.ts'
import { adminRoute } from '../../contract/admin-route.ts'
import { answer } from '../../contract/answers.ts'
import { examples } from '../../examples/examples.ts'

const { at } = examples

const REWRAP = 'rewrap-keys' satisfies JobName

export const getKeyProgressRoute = adminRoute({
  method: 'GET',
  path: '/api/v1/admin/keys',
  id: 'getKeyProgress',
  summary: 'Get the usage of each root key and the progress of a rotation',
  answers: {
    200: {
      description:
        'Indexes, passwords and sealed requests are counted now; data keys and sealed events were counted by the last complete pass over the vault and the events.',
      schema: keyProgressView,
      example: () => ({
        current_version: 2,
        versions: [
          {
            version: 2,
            state: 'current',
            is_trusted: true,
            first_seen_at: at,
            wrapped_keys: 120,
            indexes: 120,
            passwords: 90,
            sealed_events: 4200,
            sealed_requests: 1,
          },
          {
            version: 1,
            state: 'in_use',
            is_trusted: true,
            first_seen_at: at,
            wrapped_keys: 0,
            indexes: 0,
            passwords: 30,
            sealed_events: 0,
            sealed_requests: 0,
          },
        ],
        passwords_without_pepper: 0,
        sessions_settled_at: at,
        signing: { current: '2.2026-11', published: ['2.2026-10', '2.2026-11', '2.2026-12'], revoked: [] },
        runs: [{ job: REWRAP, started_at: at, finished_at: at, counts: { rewrapped: 120, version_2: 120 } }],
      }),
    },
  },
  async handle(c) {
    return answer(200, await getKeys(c.get('ctx')))
  },
})
