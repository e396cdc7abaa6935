import { revokeSessions } from '../../../../../operators/revoke-sessions.ts'
import { accountNow } from '../../../../contract/account-change.ts'
import { adminRoute, operationSchema } from '../../../../contract/admin-route.ts'
import { answer } from '../../../../contract/answers.ts'
import { operatorExamples } from '../../../../examples/operator-examples.ts'
import { userIdParameter } from '../../../../id-parameter.ts'

export const revokeSessionsRoute = adminRoute({
  method: 'POST',
  path: '/api/v1/admin/users/:id/revoke-sessions',
  id: 'revokeSessions',
  summary: 'End all sessions of an account',
  body: operationSchema,
  example: () => operatorExamples.operation,
  answers: { 200: accountNow },
  problems: ['not_found', 'state_conflict'],
  async handle(c, operation) {
    return answer(200, await revokeSessions(c.get('ctx'), { userId: userIdParameter(c), ...operation }))
  },
})
