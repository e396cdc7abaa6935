import * as z from 'zod'
import { emailAddressSchema } from '../../../identity/email/email-address.ts'
import { requestPasswordReset, resetMailed } from '../../../sign-in/password/request-password-reset.ts'
import { answer } from '../../contract/answers.ts'
import { route } from '../../contract/contract.ts'
import { sameForAll } from '../../contract/message.ts'
import { examples } from '../../examples/examples.ts'

export const requestPasswordResetRoute = route({
  method: 'POST',
  path: '/api/v1/auth/reset-password',
  id: 'requestPasswordReset',
  area: 'Mail links',
  access: 'public',
  limits: { policy: 'reset-password', email: ({ email }) => email },
  body: z.strictObject({ email: emailAddressSchema }),
  summary: 'Request a password reset',
  example: () => ({ email: examples.email }),
  answers: { 202: sameForAll('The same answer for every address.', resetMailed) },
  async handle(c, { email }) {
    return answer(202, await requestPasswordReset(c.get('ctx'), email))
  },
})
