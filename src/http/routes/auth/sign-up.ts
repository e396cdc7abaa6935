import * as z from 'zod'
import { profileFieldSchemas } from '../../../core/profile.ts'
import { emailAddressSchema } from '../../../identity/email/email-address.ts'
import { mailSignInView } from '../../../sign-in/mailbox/mail-sign-in-view.ts'
import { requestSignInCode } from '../../../sign-in/mailbox/request-sign-in-code.ts'
import { answer } from '../../contract/answers.ts'
import { route } from '../../contract/contract.ts'
import { examples } from '../../examples/examples.ts'
import { sentConsents } from '../../sent-consents.ts'
import { consentsSchema, mailRequestSchema } from '../body-schemas.ts'

export const requestSignUpRoute = route({
  method: 'POST',
  path: '/api/v1/auth/sign-up',
  id: 'requestSignUp',
  area: 'Sign-in',
  access: 'public',
  limits: { policy: 'mail-sign-in', email: ({ email }) => email, isCountedByVerb: true },
  summary: 'Request a mail for an account without a password',
  description:
    'As `POST /api/v1/auth/email`, and mails an address without an account too. Finish with `POST ' +
    '/api/v1/auth/email/confirm`: it signs in if the address has an account, and answers `passkey_required` otherwise. ' +
    'Nothing is stored of an account until its first passkey. `consents` as at `POST /api/v1/auth/register`. ' +
    '404 while `EMAIL_SIGN_IN` is off.',
  headers: ['sec-gpc'],
  body: z.strictObject({
    email: emailAddressSchema,
    full_name: profileFieldSchemas.full_name.optional(),
    preferences: profileFieldSchemas.preferences.optional(),
    consents: consentsSchema,
    previous: mailRequestSchema.optional(),
  }),
  example: () => ({ email: examples.email, full_name: 'Ada Lovelace' }),
  answers: {
    202: {
      description: 'The same answer for every address.',
      schema: mailSignInView,
      example: () => ({ request: examples.mailRequest, expires_in: 600 }),
    },
  },
  problems: ['not_found', 'misconfigured'],
  async handle(c, { email, previous, consents: sent, ...profile }) {
    const signUp = { profile, consents: sentConsents(c, sent) }
    return answer(202, await requestSignInCode(c.get('ctx'), { email, previous, signUp }))
  },
})
