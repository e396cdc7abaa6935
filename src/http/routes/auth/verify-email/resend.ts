import * as z from 'zod'
import { emailAddressSchema } from '../../../../identity/email/email-address.ts'
import { requestVerification, verificationMailed } from '../../../../identity/email/request-verification.ts'
import { answer } from '../../../contract/answers.ts'
import { route } from '../../../contract/contract.ts'
import { sameForAll } from '../../../contract/message.ts'
import { examples } from '../../../examples/examples.ts'

export const resendVerificationRoute = route({
  method: 'POST',
  path: '/api/v1/auth/verify-email/resend',
  id: 'resendVerification',
  area: 'Mail links',
  access: 'public',
  limits: { policy: 'resend-verification', email: ({ email }) => email },
  body: z.strictObject({ email: emailAddressSchema }),
  summary: 'Resend the verification mail',
  example: () => ({ email: examples.email }),
  answers: { 202: sameForAll('The same answer for every address.', verificationMailed) },
  async handle(c, { email }) {
    return answer(202, await requestVerification(c.get('ctx'), email))
  },
})
