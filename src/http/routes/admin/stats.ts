import { getStats } from '../../../operators/get-stats.ts'
import type { Route } from '../../route.ts'
import { adminRoute } from './admin-route.ts'

export const adminStatsRoutes: readonly Route[] = [
  adminRoute({
    method: 'GET',
    path: '/stats',
    async handle(c) {
      return c.json(await getStats(c.get('ctx')))
    },
  }),
]
