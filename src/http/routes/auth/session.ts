import { checkSession } from '../../../sessions/check-session.ts'
import { sessionCheckView, showSessionCheck } from '../../../sessions/session-check-view.ts'
import { answer } from '../../contract/answers.ts'
import { route } from '../../contract/contract.ts'
import { examples } from '../../examples/examples.ts'

export const checkSessionRoute = route({
  method: 'GET',
  path: '/api/v1/auth/session',
  id: 'checkSession',
  area: 'Sign-in',
  access: 'bearer',
  summary: 'Check the current session',
  description: 'Usually answered from a cache, without the database; a revocation takes effect within 60 seconds.',
  answers: {
    200: {
      description: 'The session is active.',
      schema: sessionCheckView,
      example: () =>
        showSessionCheck(
          { userId: examples.id, sessionId: examples.session, amr: ['pwd'], authTimeMs: examples.atMs },
          { roles: [], expiresAtMs: examples.atMs },
        ),
    },
  },
  async handle(c) {
    return answer(200, await checkSession(c.get('ctx'), c.get('principal')))
  },
})
