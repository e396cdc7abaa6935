import * as z from 'zod'
import { offerPasskey } from '../../../../../sign-in/passkey/offer-passkey.ts'
import { passkeyOfferView } from '../../../../../sign-in/passkey/passkey-views.ts'
import { answer } from '../../../../contract/answers.ts'
import { route } from '../../../../contract/contract.ts'
import { examples } from '../../../../examples/examples.ts'

export const offerPasskeyRoute = route({
  method: 'POST',
  path: '/api/v1/users/me/passkeys/options',
  id: 'offerPasskey',
  area: 'Second factors',
  access: 'step-up',
  limits: { policy: 'change-factors', isCountedWithWork: true },
  hasOptionalBody: true,
  summary: 'Begin adding a passkey or a security key',
  description:
    'Options for `navigator.credentials.create`, and a ticket for `POST /api/v1/users/me/passkeys`. A `passkey` signs in ' +
    'alone. A `security_key` is a second factor, and need not verify its user. With `mediation: "conditional"` the browser ' +
    'may make a passkey without asking, right after a sign-in with a password.',
  body: z.strictObject({
    kind: z.enum(['passkey', 'security_key']).default('passkey'),
    mediation: z.literal('conditional').optional(),
  }),
  example: () => ({ kind: 'passkey' }),
  answers: {
    200: {
      description: 'Give `public_key` to `PublicKeyCredential.parseCreationOptionsFromJSON`.',
      schema: passkeyOfferView,
      example: examples.passkeyOffer,
    },
  },
  problems: ['email_unverified', 'passkey_limit', 'unavailable', 'misconfigured'],
  async handle(c, { kind, mediation }) {
    const wanted = { kind, isConditional: mediation !== undefined }
    return answer(200, await offerPasskey(c.get('ctx'), c.get('principal'), wanted))
  },
})
