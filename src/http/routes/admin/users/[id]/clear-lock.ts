import { clearedView } from '../../../../../operators/lock-view.ts'
import { unlockUser } from '../../../../../operators/unlock-user.ts'
import { adminRoute, operationSchema } from '../../../../contract/admin-route.ts'
import { answer } from '../../../../contract/answers.ts'
import { operatorExamples } from '../../../../examples/operator-examples.ts'
import { userIdParameter } from '../../../../id-parameter.ts'

export const clearLockRoute = adminRoute({
  method: 'POST',
  path: '/api/v1/admin/users/:id/clear-lock',
  id: 'clearLock',
  summary: 'Clear the lockout of an account',
  body: operationSchema,
  example: () => operatorExamples.operation,
  answers: {
    200: {
      description: 'The number of counters that were cleared.',
      schema: clearedView,
      example: () => ({ cleared: 1 }),
    },
  },
  problems: ['not_found'],
  async handle(c, operation) {
    return answer(200, await unlockUser(c.get('ctx'), { userId: userIdParameter(c), ...operation }))
  },
})
