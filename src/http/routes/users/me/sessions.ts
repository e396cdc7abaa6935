import { endOtherSessions } from '../../../../auth/sessions/end-other-sessions.ts'
import { listSessions } from '../../../../auth/sessions/list-sessions.ts'
import { sessionListView } from '../../../../auth/sessions/session-view.ts'
import { answer } from '../../../contract/answers.ts'
import { route } from '../../../contract/contract.ts'
import { examples } from '../../../openapi/examples.ts'

export const listSessionsRoute = route({
  method: 'GET',
  path: '/api/v1/users/me/sessions',
  id: 'listSessions',
  area: 'Account',
  access: 'bearer',
  summary: 'List the live sessions',
  answers: {
    200: {
      description: 'The current one first, then by last use; at most 100.',
      schema: sessionListView,
      example: () => ({
        sessions: [
          {
            id: examples.session,
            current: true,
            created_at: examples.at,
            last_used_at: examples.at,
            expires_at: examples.at,
            device: 'Firefox on Linux',
            ...examples.client,
            amr: ['pwd'],
          },
        ],
      }),
    },
  },
  async handle(c) {
    return answer(200, await listSessions(c.get('ctx'), c.get('principal')))
  },
})

export const endOtherSessionsRoute = route({
  method: 'DELETE',
  path: '/api/v1/users/me/sessions',
  id: 'endOtherSessions',
  area: 'Account',
  access: 'bearer',
  limits: { policy: 'end-sessions', isCountedWithWork: true },
  summary: 'End all other sessions',
  answers: { 204: 'Ended.' },
  async handle(c) {
    await endOtherSessions(c.get('ctx'), c.get('principal'))
    return answer(204)
  },
})
