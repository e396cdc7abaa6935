import { getKeys } from '../../../operators/get-keys.ts'
import type { Route } from '../../route.ts'
import { adminRoute } from './admin-route.ts'

export const adminKeyRoutes: readonly Route[] = [
  adminRoute({
    method: 'GET',
    path: '/keys',
    async handle(c) {
      return c.json(await getKeys(c.get('ctx')))
    },
  }),
]
