import { endOwnSession } from '../../../../../auth/sessions/end-own-session.ts'
import { AppError } from '../../../../../core/errors.ts'
import { sessionIdSchema } from '../../../../../core/ids.ts'
import { answer } from '../../../../contract/answers.ts'
import { route } from '../../../../contract/contract.ts'

export const sessionRoutes = [
  route({
    method: 'DELETE',
    path: '/api/v1/users/me/sessions/:id',
    id: 'endSession',
    area: 'Account',
    access: 'bearer',
    limits: { policy: 'end-sessions', isCountedWithWork: true },
    summary: 'End one session',
    answers: { 204: 'Ended.' },
    problems: ['not_found'],
    async handle(c) {
      const id = sessionIdSchema.safeParse(c.req.param('id'))
      if (!id.success) throw new AppError('not_found')
      await endOwnSession(c.get('ctx'), c.get('principal'), id.data)
      return answer(204)
    },
  }),
]
