import * as z from 'zod'
import { offerFirstPasskey } from '../../../../../sign-in/passkey/offer-first-passkey.ts'
import { passkeyOfferView } from '../../../../../sign-in/passkey/passkey-views.ts'
import { answer } from '../../../../contract/answers.ts'
import { route } from '../../../../contract/contract.ts'
import { examples } from '../../../../examples/examples.ts'
import { mailRequestSchema } from '../../../body-schemas.ts'

export const offerFirstPasskeyRoute = route({
  method: 'POST',
  path: '/api/v1/auth/sign-up/passkey/options',
  id: 'offerFirstPasskey',
  area: 'Sign-in',
  access: 'public',
  limits: { policy: 'one-time-token' },
  summary: 'Begin the first passkey of a new account',
  description: 'Takes the `sign_up_token` of a proven address. Nothing is stored.',
  body: z.strictObject({ sign_up_token: mailRequestSchema }),
  example: () => ({ sign_up_token: examples.signUpToken }),
  answers: {
    200: {
      description: 'Give `public_key` to `navigator.credentials.create`.',
      schema: passkeyOfferView,
      example: examples.passkeyOffer,
    },
  },
  problems: ['not_found', 'invalid_token', 'misconfigured'],
  async handle(c, { sign_up_token: token }) {
    return answer(200, await offerFirstPasskey(c.get('ctx'), token))
  },
})
