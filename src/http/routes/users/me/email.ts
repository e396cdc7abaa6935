import * as z from 'zod'
import { emailAddressSchema } from '../../../../identity/email/email-address.ts'
import { confirmationMailed, requestEmailChange } from '../../../../identity/email/request-email-change.ts'
import { answer } from '../../../contract/answers.ts'
import { route } from '../../../contract/contract.ts'
import { sameForAll } from '../../../contract/message.ts'

export const changeEmailRoute = route({
  method: 'POST',
  path: '/api/v1/users/me/email',
  id: 'changeEmail',
  area: 'Account',
  access: 'step-up',
  limits: { policy: 'change-email', email: ({ new_email }) => new_email },
  body: z.strictObject({ new_email: emailAddressSchema }),
  summary: 'Request a change of e-mail address',
  description:
    'The address changes once the new one is confirmed. Registered and unregistered addresses get the same answer.',
  example: () => ({ new_email: 'countess@example.com' }),
  answers: { 202: sameForAll('A confirmation link is sent to the new address.', confirmationMailed) },
  async handle(c, { new_email: email }) {
    return answer(202, await requestEmailChange(c.get('ctx'), c.get('principal'), email))
  },
})
