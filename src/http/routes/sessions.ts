import { endOtherSessions } from '../../auth/sessions/end-other-sessions.ts'
import { endOwnSession } from '../../auth/sessions/end-own-session.ts'
import { listSessions } from '../../auth/sessions/list-sessions.ts'
import { AppError } from '../../core/errors.ts'
import { sessionIdSchema } from '../../core/ids.ts'
import { route } from '../route.ts'

const PATH = '/api/v1/users/me/sessions'

export const sessionRoutes = [
  route({
    method: 'GET',
    path: PATH,
    access: 'bearer',
    async handle(c) {
      return c.json({ sessions: await listSessions(c.get('ctx'), c.get('principal')) })
    },
  }),
  route({
    method: 'DELETE',
    path: PATH,
    access: 'bearer',
    async handle(c) {
      await endOtherSessions(c.get('ctx'), c.get('principal'))
      return c.body(null, 204)
    },
  }),
  route({
    method: 'DELETE',
    path: `${PATH}/:id`,
    access: 'bearer',
    async handle(c) {
      const id = sessionIdSchema.safeParse(c.req.param('id'))
      if (!id.success) throw new AppError('not_found')
      await endOwnSession(c.get('ctx'), c.get('principal'), id.data)
      return c.body(null, 204)
    },
  }),
]
