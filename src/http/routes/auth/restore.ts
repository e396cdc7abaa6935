import * as z from 'zod'
import { restoreAccount } from '../../../sign-in/restore-account.ts'
import { answer } from '../../contract/answers.ts'
import { route } from '../../contract/contract.ts'
import { examples } from '../../examples/examples.ts'
import { requireCookieOrigin } from '../../session-cookie.ts'
import { tokenSchema } from '../body-schemas.ts'
import { loginBody, sessionModeSchema, signedInOrAsked } from '../sign-in-answer.ts'

export const restoreAccountRoute = route({
  method: 'POST',
  path: '/api/v1/auth/restore',
  id: 'restoreAccount',
  area: 'Sign-in',
  access: 'public',
  limits: { policy: 'one-time-token' },
  summary: 'Restore a deleted account with a token',
  description:
    'Works within the grace period. An account that may not sign in is restored, and answers why it gets no session. With a mailed token, the session never counts as a recent sign-in, and the old ' +
    'password answers `password_reset_required`. With a token from a sign-in, the session keeps the method and time of ' +
    'that sign-in.',
  body: z.strictObject({ token: tokenSchema, session_mode: sessionModeSchema.default('token') }),
  example: () => ({ token: examples.oneTimeToken('restore') }),
  answers: {
    200: signedInOrAsked,
  },
  problems: [
    'invalid_token',
    'password_reset_required',
    'second_factor_required',
    'email_unverified',
    'origin_not_allowed',
  ],
  async handle(c, { token, session_mode: mode }) {
    if (mode === 'cookie') requireCookieOrigin(c)
    return answer(200, loginBody(c, await restoreAccount(c.get('ctx'), token), mode))
  },
})
