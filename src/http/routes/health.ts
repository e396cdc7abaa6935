import { findMissingRootKeys } from '../../compliance/keys/note-root-keys.ts'
import { AppError } from '../../core/errors.ts'
import { route } from '../route.ts'

export const healthRoutes = [
  route({
    method: 'GET',
    path: '/readyz',
    access: 'public',
    async handle(c) {
      // Keys and settings have been checked by the time that there is a context.
      const unreachable = await c.get('ctx').findUnreachableStores()
      if (unreachable.length > 0)
        throw new AppError('unavailable', { detail: `No answer from: ${unreachable.join(', ')}.` })
      if ((await findMissingRootKeys(c.get('ctx'))).length > 0) throw new AppError('misconfigured')
      return c.json({ status: 'ready' })
    },
  }),
]
