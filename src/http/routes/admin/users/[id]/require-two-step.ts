import * as z from 'zod'
import { requireTwoStep } from '../../../../../operators/require-two-step.ts'
import { accountNow } from '../../../../contract/account-change.ts'
import { adminRoute, operationFields } from '../../../../contract/admin-route.ts'
import { answer } from '../../../../contract/answers.ts'
import { timeSchema } from '../../../../contract/query-members.ts'
import { examples } from '../../../../examples/examples.ts'
import { operatorExamples } from '../../../../examples/operator-examples.ts'
import { userIdParameter } from '../../../../id-parameter.ts'

export const requireTwoStepRoute = adminRoute({
  method: 'POST',
  path: '/api/v1/admin/users/:id/require-two-step',
  id: 'requireTwoStep',
  summary: 'Require two factors of an account',
  description:
    'From `due_at` on one factor opens no session, and a sign-in leads to the set-up of a second one. Null takes the requirement back, and the account gets the date of the policy at once, if the policy covers it. The sessions stay.',
  body: z.strictObject({ ...operationFields, due_at: timeSchema.nullable() }),
  example: () => ({ ...operatorExamples.operation, due_at: new Date(examples.atMs).toISOString() }),
  answers: { 200: accountNow },
  problems: ['not_found', 'state_conflict'],
  async handle(c, { due_at: dueAtMs, ...operation }) {
    return answer(200, await requireTwoStep(c.get('ctx'), { userId: userIdParameter(c), dueAtMs, ...operation }))
  },
})
