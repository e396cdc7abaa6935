import * as z from 'zod'
import { emailAddressSchema } from '../../../identity/email/email-address.ts'
import { login } from '../../../sign-in/password/login.ts'
import { answer } from '../../contract/answers.ts'
import { route } from '../../contract/contract.ts'
import { readDeviceCookie } from '../../device-cookie.ts'
import { examples } from '../../examples/examples.ts'
import { requireCookieOrigin } from '../../session-cookie.ts'
import { passwordSchema, tokenSchema } from '../body-schemas.ts'
import { loginBody, sessionModeSchema, signedInOrAsked } from '../sign-in-answer.ts'

export const loginRoute = route({
  method: 'POST',
  path: '/api/v1/auth/login',
  id: 'login',
  area: 'Sign-in',
  access: 'public',
  limits: { policy: 'sign-in', isCountedByVerb: true },
  hashesPassword: true,
  summary: 'Sign in with a password',
  description:
    'An unknown address, a wrong password and too many failed attempts get the same answer. A `device_token` from an ' +
    'earlier sign-in, or its cookie, has its own attempts, which wrong passwords of other clients do not use up. A deleted ' +
    'account in its grace period gets a token for `POST /api/v1/auth/restore` instead of a session.',
  body: z.strictObject({
    email: emailAddressSchema,
    password: passwordSchema,
    session_mode: sessionModeSchema.default('token'),
    device_token: tokenSchema.optional(),
  }),
  example: () => ({ email: examples.email, password: examples.password }),
  answers: { 200: signedInOrAsked },
  problems: [
    'invalid_credentials',
    'account_suspended',
    'email_unverified',
    'password_reset_required',
    'second_factor_required',
    'origin_not_allowed',
  ],
  async handle(c, { email, password, session_mode: mode, device_token: given }) {
    // An origin that may not use the cookie must not be able to set one either.
    if (mode === 'cookie') requireCookieOrigin(c)
    const deviceToken = given ?? readDeviceCookie(c)
    return answer(200, loginBody(c, await login(c.get('ctx'), { email, password, deviceToken }), mode))
  },
})
