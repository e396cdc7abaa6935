import * as z from 'zod'
import { getLock } from '../../../operators/get-lock.ts'
import { unlockUser } from '../../../operators/unlock-user.ts'
import type { Route } from '../../route.ts'
import { adminRoute, operationFields, userIdOf } from './admin-route.ts'

export const adminLockRoutes: readonly Route[] = [
  adminRoute({
    method: 'GET',
    path: '/users/:id/lock',
    async handle(c) {
      return c.json({ locks: await getLock(c.get('ctx'), userIdOf(c)) })
    },
  }),
  adminRoute({
    method: 'POST',
    path: '/users/:id/clear-lock',
    body: z.strictObject(operationFields),
    async handle(c, operation) {
      return c.json({ cleared: await unlockUser(c.get('ctx'), { userId: userIdOf(c), ...operation }) })
    },
  }),
]
