import * as z from 'zod'
import { keepFactors } from '../../../identity/factor-reset/keep-factors.ts'
import { answer } from '../../contract/answers.ts'
import { route } from '../../contract/contract.ts'
import { examples } from '../../examples/examples.ts'
import { tokenSchema } from '../body-schemas.ts'

export const keepFactorsRoute = route({
  method: 'POST',
  path: '/api/v1/auth/keep-factors',
  id: 'keepFactors',
  area: 'Mail links',
  access: 'public',
  limits: { policy: 'one-time-token' },
  body: z.strictObject({ token: tokenSchema }),
  summary: 'Cancel a requested reset of second factors',
  description: 'Takes the token that was mailed to the owner when an operator requested the reset. It signs nobody in.',
  example: () => ({ token: examples.oneTimeToken('keep') }),
  answers: { 204: 'The reset is cancelled.' },
  problems: ['invalid_token'],
  async handle(c, { token }) {
    await keepFactors(c.get('ctx'), token)
    return answer(204)
  },
})
