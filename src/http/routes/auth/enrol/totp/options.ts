import * as z from 'zod'
import { totpOfferView } from '../../../../../sign-in/second-factor/factors-view.ts'
import { offerFirstTotp } from '../../../../../sign-in/second-factor/offer-first-totp.ts'
import { answer } from '../../../../contract/answers.ts'
import { route } from '../../../../contract/contract.ts'
import { examples } from '../../../../examples/examples.ts'
import { ticketSchema } from '../../../body-schemas.ts'

export const offerFirstTotpRoute = route({
  method: 'POST',
  path: '/api/v1/auth/enrol/totp/options',
  id: 'offerFirstTotp',
  area: 'Sign-in',
  access: 'public',
  limits: { policy: 'second-factor', isCountedByVerb: true },
  summary: 'Begin adding an authenticator app without a session',
  description:
    'Takes the `enrolment_token` of a first step, of an operator or of `latchkey admin reset-factors`. Makes a secret for an ' +
    'authenticator app, and a ticket for `POST /api/v1/auth/enrol/totp`. Nothing is stored.',
  body: z.strictObject({ enrolment_token: ticketSchema }),
  example: () => ({ enrolment_token: examples.enrolmentToken }),
  answers: {
    200: {
      description: 'Show `uri` as a QR code, and `secret` for typing it in.',
      schema: totpOfferView,
      example: examples.totpOffer,
    },
  },
  problems: ['invalid_token', 'email_unverified', 'unavailable'],
  async handle(c, { enrolment_token: token }) {
    return answer(200, await offerFirstTotp(c.get('ctx'), token))
  },
})
