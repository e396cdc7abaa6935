import { endOtherSessions } from '../../../../sessions/end-other-sessions.ts'
import { listSessions, showSession } from '../../../../sessions/list-sessions.ts'
import { sessionListView } from '../../../../sessions/session-view.ts'
import { answer } from '../../../contract/answers.ts'
import { route } from '../../../contract/contract.ts'
import { examples } from '../../../examples/examples.ts'

export const listSessionsRoute = route({
  method: 'GET',
  path: '/api/v1/users/me/sessions',
  id: 'listSessions',
  area: 'Account',
  access: 'bearer',
  summary: 'List active sessions',
  answers: {
    200: {
      description: 'The current session first, then by last use; at most 100.',
      schema: sessionListView,
      example: () => ({
        sessions: [
          showSession(
            {
              id: examples.session,
              amr: ['pwd'],
              created_at: examples.atMs,
              last_used_at: examples.atMs,
              expires_at: examples.atMs,
            },
            { current: examples.session, client: examples.client },
          ),
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
  answers: { 204: 'The other sessions have ended.' },
  async handle(c) {
    await endOtherSessions(c.get('ctx'), c.get('principal'))
    return answer(204)
  },
})
