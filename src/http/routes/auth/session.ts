import { checkSession } from '../../../auth/check-session.ts'
import { sessionCheckView } from '../../../auth/session-check-view.ts'
import { answer } from '../../contract/answers.ts'
import { route } from '../../contract/contract.ts'
import { examples } from '../../openapi/examples.ts'

export const checkSessionRoute = route({
  method: 'GET',
  path: '/api/v1/auth/session',
  id: 'checkSession',
  area: 'Sign-in',
  access: 'bearer',
  summary: 'Ask whether the session lives',
  description: 'Answered at the edge, mostly without the database; a revocation is seen within 60 seconds.',
  answers: {
    200: {
      description: 'It lives.',
      schema: sessionCheckView,
      example: () => ({
        active: true as const,
        user_id: examples.id,
        session_id: examples.session,
        roles: [],
        amr: ['pwd'],
        auth_time: examples.at,
        expires_at: examples.at,
      }),
    },
  },
  async handle(c) {
    return answer(200, await checkSession(c.get('ctx'), c.get('principal')))
  },
})
