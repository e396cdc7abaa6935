import { totpOfferView } from '../../../../../sign-in/second-factor/factors-view.ts'
import { offerTotp } from '../../../../../sign-in/second-factor/offer-totp.ts'
import { answer } from '../../../../contract/answers.ts'
import { route } from '../../../../contract/contract.ts'
import { examples } from '../../../../examples/examples.ts'

export const offerTotpRoute = route({
  method: 'POST',
  path: '/api/v1/users/me/totp/options',
  id: 'offerTotp',
  area: 'Second factors',
  access: 'step-up',
  limits: { policy: 'change-factors', isCountedWithWork: true },
  summary: 'Begin adding or replacing an authenticator app',
  description:
    'Makes a secret for an authenticator app, and a ticket for `POST /api/v1/users/me/totp`. Nothing is stored: an app ' +
    'that the account has keeps working until a code of the new one was sent.',
  answers: {
    200: {
      description: 'Show `uri` as a QR code, and `secret` for typing it in.',
      schema: totpOfferView,
      example: examples.totpOffer,
    },
  },
  problems: ['email_unverified', 'unavailable'],
  async handle(c) {
    return answer(200, await offerTotp(c.get('ctx'), c.get('principal')))
  },
})
