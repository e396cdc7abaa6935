import * as z from 'zod'
import { eraseUser } from '../../../../../operators/erase-user.ts'
import { accountNow } from '../../../../contract/account-change.ts'
import { adminRoute, operationFields } from '../../../../contract/admin-route.ts'
import { answer } from '../../../../contract/answers.ts'
import { operatorExamples } from '../../../../examples/operator-examples.ts'
import { userIdParameter } from '../../../../id-parameter.ts'

export const eraseUserRoute = adminRoute({
  method: 'POST',
  path: '/api/v1/admin/users/:id/erase',
  id: 'eraseUser',
  summary: 'Delete an account',
  description: 'With `immediate: true` there is no grace period.',
  body: z.strictObject({ ...operationFields, immediate: z.boolean().default(false) }),
  example: () => operatorExamples.operation,
  answers: { 202: accountNow },
  problems: ['not_found', 'state_conflict', 'last_admin'],
  async handle(c, { immediate: isImmediate, ...operation }) {
    return answer(202, await eraseUser(c.get('ctx'), { userId: userIdParameter(c), isImmediate, ...operation }))
  },
})
