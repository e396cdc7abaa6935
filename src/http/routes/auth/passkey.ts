import * as z from 'zod'
import { signInWithPasskey } from '../../../sign-in/passkey/sign-in-with-passkey.ts'
import { assertionResponseSchema } from '../../../sign-in/passkey-schemas.ts'
import { answer } from '../../contract/answers.ts'
import { route } from '../../contract/contract.ts'
import { examples } from '../../examples/examples.ts'
import { requireCookieOrigin } from '../../session-cookie.ts'
import { ticketSchema } from '../body-schemas.ts'
import { loginBody, sessionModeSchema, signedInOrAsked } from '../sign-in-answer.ts'

export const signInWithPasskeyRoute = route({
  method: 'POST',
  path: '/api/v1/auth/passkey',
  id: 'signInWithPasskey',
  area: 'Sign-in',
  access: 'public',
  limits: { policy: 'sign-in', isCountedByVerb: true },
  summary: 'Sign in with a passkey',
  description:
    'Takes the ticket of `POST /api/v1/auth/passkey/options`, and what the authenticator answered, as `toJSON` writes it. ' +
    'A ticket works once, whatever the outcome. The authenticator must have verified its user, so the sign-in counts as ' +
    'two factors. An unknown passkey, a wrong signature and a blocked passkey get the same answer. Only the holder of a ' +
    'passkey that its owner has removed learns that.',
  body: z.strictObject({
    ticket: ticketSchema,
    credential: assertionResponseSchema,
    session_mode: sessionModeSchema.default('token'),
  }),
  example: () => ({ ticket: examples.passkeyTicket, credential: examples.assertion() }),
  answers: {
    200: {
      ...signedInOrAsked,
      example: () => ({ ...examples.signIn(), passkey: examples.passkeySignal() }),
    },
  },
  problems: [
    'invalid_credentials',
    'passkey_removed',
    'account_suspended',
    'email_unverified',
    'password_reset_required',
    'second_factor_required',
    'origin_not_allowed',
    'misconfigured',
  ],
  async handle(c, { ticket, credential: response, session_mode: mode }) {
    if (mode === 'cookie') requireCookieOrigin(c)
    return answer(200, loginBody(c, await signInWithPasskey(c.get('ctx'), { ticket, response }), mode))
  },
})
