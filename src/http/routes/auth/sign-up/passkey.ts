import * as z from 'zod'
import { signUpWithPasskey } from '../../../../sign-in/passkey/sign-up-with-passkey.ts'
import { registrationResponseSchema } from '../../../../sign-in/passkey-schemas.ts'
import { signInView } from '../../../../sign-in/sign-in-view.ts'
import { answer } from '../../../contract/answers.ts'
import { route } from '../../../contract/contract.ts'
import { examples } from '../../../examples/examples.ts'
import { requireCookieOrigin } from '../../../session-cookie.ts'
import { mailRequestSchema, passkeyNameSchema, ticketSchema } from '../../body-schemas.ts'
import { placeTokens, sessionModeSchema } from '../../sign-in-answer.ts'

export const signUpWithPasskeyRoute = route({
  method: 'POST',
  path: '/api/v1/auth/sign-up/passkey',
  id: 'signUpWithPasskey',
  area: 'Sign-in',
  access: 'public',
  limits: { policy: 'one-time-token', isCountedByVerb: true },
  summary: 'Create an account with a passkey',
  description:
    'Takes the `sign_up_token`, the ticket of its options, and what the authenticator answered. Creates the account with a ' +
    'verified address and this passkey, and signs in. A ticket is used up by a passkey that is not accepted; the ' +
    '`sign_up_token` by an account alone.',
  body: z.strictObject({
    sign_up_token: mailRequestSchema,
    ticket: ticketSchema,
    credential: registrationResponseSchema,
    name: passkeyNameSchema.optional(),
    session_mode: sessionModeSchema.default('token'),
  }),
  example: () => ({
    sign_up_token: examples.signUpToken,
    ticket: examples.passkeyAddTicket,
    credential: examples.registration(),
  }),
  answers: {
    201: {
      description: 'The account is created, and its owner is signed in.',
      schema: signInView,
      example: examples.signIn,
      headers: ['set-cookie'],
    },
  },
  problems: [
    'not_found',
    'invalid_token',
    'email_taken',
    'passkey_known',
    'origin_not_allowed',
    'unavailable',
    'misconfigured',
  ],
  async handle(c, { sign_up_token: signUpToken, ticket, credential: response, name: label, session_mode: mode }) {
    if (mode === 'cookie') requireCookieOrigin(c)
    const signIn = await signUpWithPasskey(c.get('ctx'), { signUpToken, ticket, response, label })
    return answer(201, placeTokens(c, signIn, mode))
  },
})
