import * as z from 'zod'
import { suspendUser } from '../../../../../operators/suspend-user.ts'
import { accountNow } from '../../../../contract/account-change.ts'
import { adminRoute, operationFields } from '../../../../contract/admin-route.ts'
import { answer } from '../../../../contract/answers.ts'
import { timeSchema } from '../../../../contract/query-members.ts'
import { operatorExamples } from '../../../../examples/operator-examples.ts'
import { userIdParameter } from '../../../../id-parameter.ts'

export const suspendUserRoute = adminRoute({
  method: 'POST',
  path: '/api/v1/admin/users/:id/suspend',
  id: 'suspendUser',
  summary: 'Suspend an account',
  description: 'All sessions end at once. If `suspended_until` is set, the suspension ends at that time.',
  body: z.strictObject({ ...operationFields, suspended_until: timeSchema.nullable().default(null) }),
  example: () => operatorExamples.operation,
  answers: { 200: accountNow },
  problems: ['not_found', 'state_conflict', 'last_admin'],
  async handle(c, { suspended_until: untilMs, ...operation }) {
    return answer(200, await suspendUser(c.get('ctx'), { userId: userIdParameter(c), untilMs, ...operation }))
  },
})
