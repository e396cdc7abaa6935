import * as z from 'zod'
import { requestPasswordReset } from '../../../auth/password/request-password-reset.ts'
import { emailAddressSchema } from '../../../identity/email-address.ts'
import { answer } from '../../contract/answers.ts'
import { route } from '../../contract/contract.ts'
import { sameForAll } from '../../contract/message.ts'
import { examples } from '../../openapi/examples.ts'

const MESSAGE = 'If the address has an account, a mail is on its way to it.'

export const requestPasswordResetRoute = route({
  method: 'POST',
  path: '/api/v1/auth/reset-password',
  id: 'requestPasswordReset',
  area: 'Mail links',
  access: 'public',
  limits: { policy: 'reset-password', email: ({ email }) => email },
  body: z.strictObject({ email: emailAddressSchema }),
  summary: 'Mail a link to set a new password',
  example: () => ({ email: examples.email }),
  answers: { 202: sameForAll('The same answer for every address.', MESSAGE) },
  async handle(c, { email }) {
    await requestPasswordReset(c.get('ctx'), email)
    return answer(202, { message: MESSAGE })
  },
})
