import * as z from 'zod'
import { redeemCode } from '../../../../sign-in/application/redeem-code.ts'
import { answer } from '../../../contract/answers.ts'
import { route } from '../../../contract/contract.ts'
import { examples } from '../../../examples/examples.ts'
import { requireCookieOrigin } from '../../../session-cookie.ts'
import { codeSchemas, redirectUriSchema } from '../../body-schemas.ts'
import { loginBody, sessionModeSchema, signedInOrAsked } from '../../sign-in-answer.ts'

export const exchangeCodeRoute = route({
  method: 'POST',
  path: '/api/v1/auth/oauth/token',
  id: 'exchangeCode',
  area: 'Social sign-in',
  access: 'public',
  limits: { policy: 'social-sign-in' },
  summary: 'Exchange a code for tokens',
  description:
    'The code of a social sign-in, or of a return from the pages of the service. It works once, within a minute, with the `code_verifier` that belongs to the `code_challenge` of the start. `redirect_uri`: the address to which the code was sent; required after a return from the pages.',
  body: z.strictObject({
    ...codeSchemas,
    redirect_uri: redirectUriSchema.optional(),
    session_mode: sessionModeSchema.default('token'),
  }),
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
  async handle(c, { code, code_verifier: codeVerifier, redirect_uri: redirectUri, session_mode: mode }) {
    if (mode === 'cookie') requireCookieOrigin(c)
    return answer(200, loginBody(c, await redeemCode(c.get('ctx'), { code, codeVerifier, redirectUri }), mode))
  },
})
