import * as z from 'zod'
import { factorKinds } from '../../../../../core/factor-kinds.ts'
import { factorResetView } from '../../../../../identity/factor-reset/factor-reset-view.ts'
import { cancelReset } from '../../../../../operators/cancel-reset.ts'
import { resetFactors } from '../../../../../operators/reset-factors.ts'
import { adminRoute, operationFields, reasonFields } from '../../../../contract/admin-route.ts'
import { answer } from '../../../../contract/answers.ts'
import { examples } from '../../../../examples/examples.ts'
import { operatorExamples } from '../../../../examples/operator-examples.ts'
import { userIdParameter } from '../../../../id-parameter.ts'

const kindsSchema = z
  .array(z.enum(factorKinds))
  .min(1)
  .max(factorKinds.length)
  .default([...factorKinds])

export const resetFactorsRoute = adminRoute({
  method: 'POST',
  path: '/api/v1/admin/users/:id/reset-factors',
  id: 'resetFactors',
  summary: 'Request a reset of second factors',
  description:
    'The factors are removed after `FACTOR_RESET_DELAY_HOURS`. Until then the owner can cancel it, with the link in the mail or in a session. Without `kinds`, all second factors go. Nobody resets their own.',
  body: z.strictObject({ ...operationFields, kinds: kindsSchema }),
  example: () => ({ ...operatorExamples.operation, kinds: ['totp'] as const }),
  answers: {
    202: {
      description: 'The reset is requested; it happens after `due_at`.',
      schema: factorResetView,
      example: () => ({ kinds: ['totp'], due_at: examples.at }),
    },
  },
  problems: ['not_found', 'state_conflict', 'email_unverified'],
  async handle(c, { kinds, ...operation }) {
    const request = { userId: userIdParameter(c), kinds: [...new Set(kinds)], ...operation }
    return answer(202, await resetFactors(c.get('ctx'), request))
  },
})

export const cancelFactorResetRoute = adminRoute({
  method: 'DELETE',
  path: '/api/v1/admin/users/:id/reset-factors',
  id: 'cancelFactorReset',
  summary: 'Cancel a requested reset of second factors',
  query: z.strictObject(reasonFields),
  exampleQuery: () => ({ reason: operatorExamples.operation.reason }),
  answers: { 204: 'The reset is cancelled.' },
  problems: ['not_found', 'state_conflict'],
  async handle(c, _, { reason }) {
    await cancelReset(c.get('ctx'), { userId: userIdParameter(c), reason })
    return answer(204)
  },
})
