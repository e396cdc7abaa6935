import { offerPasskeyStepUp } from '../../../../sign-in/passkey/offer-passkey-step-up.ts'
import { passkeyRequestOfferView } from '../../../../sign-in/passkey/passkey-views.ts'
import { answer } from '../../../contract/answers.ts'
import { route } from '../../../contract/contract.ts'
import { examples } from '../../../examples/examples.ts'

export const offerPasskeyStepUpRoute = route({
  method: 'POST',
  path: '/api/v1/auth/step-up/options',
  id: 'offerPasskeyStepUp',
  area: 'Sign-in',
  access: 'bearer',
  limits: { policy: 'confirm-password', isCountedWithWork: true },
  summary: 'Begin a step-up with a passkey',
  description:
    'Options for `navigator.credentials.get` with the passkeys and security keys of the account, and a ticket for ' +
    '`POST /api/v1/auth/step-up`. Nothing is stored.',
  answers: {
    200: {
      description: 'Give `public_key` to `PublicKeyCredential.parseRequestOptionsFromJSON`.',
      schema: passkeyRequestOfferView,
      example: examples.passkeyRequestOffer,
    },
  },
  problems: ['no_factor', 'misconfigured'],
  async handle(c) {
    return answer(200, await offerPasskeyStepUp(c.get('ctx'), c.get('principal')))
  },
})
