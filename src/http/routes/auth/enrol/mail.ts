import * as z from 'zod'
import { messageView } from '../../../../core/message-view.ts'
import { mailEnrolmentCode } from '../../../../sign-in/second-factor/mail-enrolment-code.ts'
import { answer } from '../../../contract/answers.ts'
import { route } from '../../../contract/contract.ts'
import { examples } from '../../../examples/examples.ts'
import { ticketSchema } from '../../body-schemas.ts'

export const mailEnrolmentCodeRoute = route({
  method: 'POST',
  path: '/api/v1/auth/enrol/mail',
  id: 'mailEnrolmentCode',
  area: 'Sign-in',
  access: 'public',
  limits: { policy: 'mail-enrolment-code', isCountedByVerb: true },
  summary: 'Mail the code for adding a second factor during a sign-in',
  description:
    'Takes the `enrolment_token` that a first step answered, and mails eight digits to the verified address of the account: ' +
    'whoever has stolen the password alone cannot add a factor. The code works as long as the token, and a second mail has ' +
    'the same one. At most three mails an hour. A token of an operator needs no code.',
  body: z.strictObject({ enrolment_token: ticketSchema }),
  example: () => ({ enrolment_token: examples.enrolmentToken }),
  answers: {
    202: {
      description: 'The mail is on its way.',
      schema: messageView,
      example: () => ({ message: 'A mail with the code is on its way.' }),
    },
  },
  problems: ['invalid_token', 'email_unverified', 'unavailable'],
  async handle(c, { enrolment_token: token }) {
    return answer(202, await mailEnrolmentCode(c.get('ctx'), token))
  },
})
