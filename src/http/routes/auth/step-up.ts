import * as z from 'zod'
import { accessTokenView } from '../../../sessions/token-views.ts'
import { stepUp } from '../../../sign-in/password/step-up.ts'
import { answer } from '../../contract/answers.ts'
import { route } from '../../contract/contract.ts'
import { examples } from '../../examples/examples.ts'
import { passwordSchema } from '../body-schemas.ts'

export const stepUpRoute = route({
  method: 'POST',
  path: '/api/v1/auth/step-up',
  id: 'stepUp',
  area: 'Sign-in',
  access: 'bearer',
  limits: { policy: 'confirm-password', isCountedByVerb: true },
  hashesPassword: true,
  summary: 'Confirm the password as a recent sign-in',
  description:
    'Where the account needs two factors, the answer is `second_factor_required`, and the password is not compared.',
  body: z.strictObject({ password: passwordSchema }),
  example: () => ({ password: examples.password }),
  answers: {
    200: {
      description: 'A new access token that counts as a recent sign-in.',
      schema: accessTokenView,
      example: examples.access,
    },
  },
  problems: ['invalid_credentials', 'password_reset_required', 'second_factor_required'],
  async handle(c, { password }) {
    return answer(200, await stepUp(c.get('ctx'), c.get('principal'), password))
  },
})
