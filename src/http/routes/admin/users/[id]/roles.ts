import * as z from 'zod'
import { rolesSchema } from '../../../../../core/operator.ts'
import { changeRoles } from '../../../../../operators/change-roles.ts'
import { accountNow } from '../../../../contract/account-change.ts'
import { adminRoute, operationFields } from '../../../../contract/admin-route.ts'
import { answer } from '../../../../contract/answers.ts'
import { operatorExamples } from '../../../../examples/operator-examples.ts'
import { userIdParameter } from '../../../../id-parameter.ts'

export const changeRolesRoute = adminRoute({
  method: 'PUT',
  path: '/api/v1/admin/users/:id/roles',
  id: 'changeRoles',
  summary: 'Set the roles of an account',
  body: z.strictObject({ ...operationFields, roles: rolesSchema }),
  example: () => ({ ...operatorExamples.operation, roles: ['analyst'] }),
  answers: { 200: accountNow },
  problems: ['not_found', 'state_conflict', 'last_admin'],
  async handle(c, change) {
    return answer(200, await changeRoles(c.get('ctx'), { userId: userIdParameter(c), ...change }))
  },
})
