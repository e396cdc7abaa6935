import { requirePasswordReset } from '../../../../../operators/require-password-reset.ts'
import { accountNow } from '../../../../contract/account-change.ts'
import { adminRoute, operationSchema } from '../../../../contract/admin-route.ts'
import { answer } from '../../../../contract/answers.ts'
import { operatorExamples } from '../../../../examples/operator-examples.ts'
import { userIdParameter } from '../../../../id-parameter.ts'

export const requirePasswordResetRoute = adminRoute({
  method: 'POST',
  path: '/api/v1/admin/users/:id/require-password-reset',
  id: 'requirePasswordReset',
  summary: 'Require a password reset before the next sign-in',
  body: operationSchema,
  example: () => operatorExamples.operation,
  answers: { 200: accountNow },
  problems: ['not_found', 'state_conflict'],
  async handle(c, operation) {
    return answer(200, await requirePasswordReset(c.get('ctx'), { userId: userIdParameter(c), ...operation }))
  },
})
