import * as z from 'zod'
import { offerPasskeyEnrolment } from '../../../../../sign-in/passkey/offer-passkey-enrolment.ts'
import { passkeyOfferView } from '../../../../../sign-in/passkey/passkey-views.ts'
import { answer } from '../../../../contract/answers.ts'
import { route } from '../../../../contract/contract.ts'
import { examples } from '../../../../examples/examples.ts'
import { ticketSchema } from '../../../body-schemas.ts'

export const offerPasskeyEnrolmentRoute = route({
  method: 'POST',
  path: '/api/v1/auth/enrol/passkeys/options',
  id: 'offerPasskeyEnrolment',
  area: 'Sign-in',
  access: 'public',
  limits: { policy: 'second-factor', isCountedByVerb: true },
  summary: 'Begin adding a passkey or a security key without a session',
  description:
    'Takes the `enrolment_token` of a first step, of an operator or of `latchkey admin reset-factors`. Answers options for ' +
    '`navigator.credentials.create`, and a ticket for `POST /api/v1/auth/enrol/passkeys`. Nothing is stored.',
  body: z.strictObject({
    enrolment_token: ticketSchema,
    kind: z.enum(['passkey', 'security_key']).default('passkey'),
  }),
  example: () => ({ enrolment_token: examples.enrolmentToken }),
  answers: {
    200: {
      description: 'Give `public_key` to `PublicKeyCredential.parseCreationOptionsFromJSON`.',
      schema: passkeyOfferView,
      example: examples.passkeyOffer,
    },
  },
  problems: ['invalid_token', 'email_unverified', 'unavailable', 'misconfigured'],
  async handle(c, { enrolment_token: enrolmentToken, kind }) {
    return answer(200, await offerPasskeyEnrolment(c.get('ctx'), { enrolmentToken, kind }))
  },
})
