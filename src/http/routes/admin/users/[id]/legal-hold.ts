import * as z from 'zod'
import { holdUser } from '../../../../../operators/hold-user.ts'
import { accountNow } from '../../../../contract/account-change.ts'
import { adminRoute, operationFields } from '../../../../contract/admin-route.ts'
import { answer } from '../../../../contract/answers.ts'
import { operatorExamples } from '../../../../examples/operator-examples.ts'
import { userIdParameter } from '../../../../id-parameter.ts'

export const holdUserRoute = adminRoute({
  method: 'POST',
  path: '/api/v1/admin/users/:id/legal-hold',
  id: 'holdUser',
  summary: 'Place or lift a legal hold',
  body: z.strictObject({ ...operationFields, action: z.enum(['place', 'lift']) }),
  example: () => ({ ...operatorExamples.operation, action: 'place' }),
  answers: { 200: accountNow },
  problems: ['not_found', 'state_conflict'],
  async handle(c, hold) {
    return answer(200, await holdUser(c.get('ctx'), { userId: userIdParameter(c), ...hold }))
  },
})
