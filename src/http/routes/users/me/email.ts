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
  summary: 'Ask for a change of the e-mail address',
  description: 'It changes when the new address confirms. Known and unknown addresses answer alike.',
  example: () => ({ new_email: 'countess@example.com' }),
  answers: { 202: sameForAll('A link is on its way to the new address.', confirmationMailed) },
  async handle(c, { new_email: email }) {
    return answer(202, await requestEmailChange(c.get('ctx'), c.get('principal'), email))
  },
})
