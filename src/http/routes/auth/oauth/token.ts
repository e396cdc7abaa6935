import * as z from 'zod'
import { redeemCode } from '../../../../sign-in/federated/redeem-code.ts'
import { answer } from '../../../contract/answers.ts'
import { route } from '../../../contract/contract.ts'
import { examples } from '../../../examples/examples.ts'
import { requireCookieOrigin } from '../../../session-cookie.ts'
import { codeSchemas } from '../../body-schemas.ts'
import { loginBody, sessionModeSchema, signedInOrAsked } from '../../sign-in-answer.ts'

export const exchangeCodeRoute = route({
  method: 'POST',
  path: '/api/v1/auth/oauth/token',
  id: 'exchangeCode',
  area: 'Social sign-in',
  access: 'public',
  limits: { policy: 'social-sign-in' },
  summary: 'Exchange the code of a social sign-in for tokens',
  description:
    'A code works once, within a minute, with the `code_verifier` that belongs to the `code_challenge` of the start.',
  body: z.strictObject({ ...codeSchemas, session_mode: sessionModeSchema.default('token') }),
  example: examples.codeExchange,
  answers: { 200: signedInOrAsked },
  problems: [
    'invalid_token',
    'invalid_credentials',
    'account_suspended',
    'password_reset_required',
    'second_factor_required',
    'email_unverified',
    'origin_not_allowed',
  ],
  async handle(c, { code, code_verifier: codeVerifier, session_mode: mode }) {
    if (mode === 'cookie') requireCookieOrigin(c)
    return answer(200, loginBody(c, await redeemCode(c.get('ctx'), { code, codeVerifier }), mode))
  },
})
