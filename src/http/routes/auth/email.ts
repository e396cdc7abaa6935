import * as z from 'zod'
import { emailAddressSchema } from '../../../identity/email/email-address.ts'
import { mailSignInView } from '../../../sign-in/mailbox/mail-sign-in-view.ts'
import { requestSignInCode } from '../../../sign-in/mailbox/request-sign-in-code.ts'
import { answer } from '../../contract/answers.ts'
import { route } from '../../contract/contract.ts'
import { examples } from '../../examples/examples.ts'
import { mailRequestSchema } from '../body-schemas.ts'

export const requestSignInCodeRoute = route({
  method: 'POST',
  path: '/api/v1/auth/email',
  id: 'requestSignInCode',
  area: 'Sign-in',
  access: 'public',
  limits: { policy: 'mail-sign-in', email: ({ email }) => email, isCountedByVerb: true },
  summary: 'Request a mail that signs in',
  description:
    'Mails a code and a link, if the address has an account. Both work for ten minutes, together with `request`, which the ' +
    'browser that asked keeps. With `previous`, the older request of that browser becomes void. 404 while `EMAIL_SIGN_IN` ' +
    'is off.',
  body: z.strictObject({ email: emailAddressSchema, previous: mailRequestSchema.optional() }),
  example: () => ({ email: examples.email }),
  answers: {
    202: {
      description: 'The same answer for every address.',
      schema: mailSignInView,
      example: () => ({ request: examples.mailRequest, expires_in: 600 }),
    },
  },
  problems: ['not_found', 'misconfigured'],
  async handle(c, input) {
    return answer(202, await requestSignInCode(c.get('ctx'), input))
  },
})
