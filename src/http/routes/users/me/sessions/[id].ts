import { endOwnSession } from '../../../../../sessions/end-own-session.ts'
import { answer } from '../../../../contract/answers.ts'
import { route } from '../../../../contract/contract.ts'
import { sessionIdParameter } from '../../../../id-parameter.ts'

export const endSessionRoute = route({
  method: 'DELETE',
  path: '/api/v1/users/me/sessions/:id',
  id: 'endSession',
  area: 'Account',
  access: 'bearer',
  limits: { policy: 'end-sessions', isCountedWithWork: true },
  summary: 'End a session',
  answers: { 204: 'The session has ended.' },
  problems: ['not_found'],
  async handle(c) {
    await endOwnSession(c.get('ctx'), c.get('principal'), sessionIdParameter(c))
    return answer(204)
  },
})
