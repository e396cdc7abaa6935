import { offerPasskeySignIn } from '../../../../sign-in/passkey/offer-passkey-sign-in.ts'
import { passkeyRequestOfferView } from '../../../../sign-in/passkey/passkey-views.ts'
import { answer } from '../../../contract/answers.ts'
import { route } from '../../../contract/contract.ts'
import { examples } from '../../../examples/examples.ts'

export const offerPasskeySignInRoute = route({
  method: 'POST',
  path: '/api/v1/auth/passkey/options',
  id: 'offerPasskeySignIn',
  area: 'Sign-in',
  access: 'public',
  // Nothing is stored, so nobody counts. The answer to it is counted.
  burstLimit: 'BURST_SIGN_IN',
  summary: 'Begin a sign-in with a passkey',
  description:
    'Options for `navigator.credentials.get`, and a ticket for `POST /api/v1/auth/passkey`. They name nobody, and nothing ' +
    'is stored. They also serve autofill (`mediation: "conditional"`).',
  answers: {
    200: {
      description: 'Give `public_key` to `PublicKeyCredential.parseRequestOptionsFromJSON`.',
      schema: passkeyRequestOfferView,
      example: examples.passkeySignInOffer,
    },
  },
  problems: ['misconfigured'],
  async handle(c) {
    return answer(200, await offerPasskeySignIn(c.get('ctx')))
  },
})
