import { reactivateUser } from '../../../../../operators/reactivate-user.ts'
import { accountNow } from '../../../../contract/account-change.ts'
import { adminRoute, operationSchema } from '../../../../contract/admin-route.ts'
import { answer } from '../../../../contract/answers.ts'
import { operatorExamples } from '../../../../examples/operator-examples.ts'
import { userIdParameter } from '../../../../id-parameter.ts'

export const reactivateUserRoute = adminRoute({
  method: 'POST',
  path: '/api/v1/admin/users/:id/reactivate',
  id: 'reactivateUser',
  summary: 'Reactivate a suspended account',
  body: operationSchema,
  example: () => operatorExamples.operation,
  answers: { 200: accountNow },
  problems: ['not_found', 'state_conflict'],
  async handle(c, operation) {
    return answer(200, await reactivateUser(c.get('ctx'), { userId: userIdParameter(c), ...operation }))
  },
})
