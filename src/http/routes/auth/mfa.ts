import * as z from 'zod'
import { proveSecondFactor } from '../../../sign-in/second-factor/prove-second-factor.ts'
import { signInView } from '../../../sign-in/sign-in-view.ts'
import { answer } from '../../contract/answers.ts'
import { route } from '../../contract/contract.ts'
import { examples } from '../../examples/examples.ts'
import { requireCookieOrigin } from '../../session-cookie.ts'
import { recoveryCodeSchema, ticketSchema, totpCodeSchema } from '../body-schemas.ts'
import { placeTokens, sessionModeSchema } from '../sign-in-answer.ts'

const body = z
  .strictObject({
    mfa_token: ticketSchema,
    totp: totpCodeSchema.optional(),
    recovery_code: recoveryCodeSchema.optional(),
    session_mode: sessionModeSchema.default('token'),
  })
  .refine(
    ({ totp, recovery_code }) => (totp === undefined) !== (recovery_code === undefined),
    'must have either totp or recovery_code',
  )

export const proveSecondFactorRoute = route({
  method: 'POST',
  path: '/api/v1/auth/mfa',
  id: 'proveSecondFactor',
  area: 'Sign-in',
  access: 'public',
  limits: { policy: 'second-factor', isCountedByVerb: true },
  summary: 'Finish a sign-in with a second factor',
  description:
    'Takes the `mfa_token` that a first step answered, and either a code of the authenticator app (`totp`) or a recovery ' +
    'code. A wrong code does not use up the token. Five wrong codes of the app within 15 minutes, or 20 within a day, lock ' +
    'the app: 429 with the quota `second-factor`. A recovery code works then, and ends the lock.',
  body,
  example: () => ({ mfa_token: examples.mfaToken, totp: examples.totp }),
  answers: {
    200: {
      description: 'Signed in. `recovery_codes_left` is present if a recovery code was used.',
      schema: signInView,
      example: examples.signIn,
      headers: ['set-cookie'],
    },
  },
  problems: [
    'invalid_second_factor',
    'account_suspended',
    'email_unverified',
    'password_reset_required',
    'origin_not_allowed',
    'unavailable',
  ],
  async handle(c, { mfa_token: mfaToken, totp, recovery_code: recoveryCode = '', session_mode: mode }) {
    if (mode === 'cookie') requireCookieOrigin(c)
    const typed = totp === undefined ? { recoveryCode } : { totp }
    return answer(200, placeTokens(c, await proveSecondFactor(c.get('ctx'), { mfaToken, typed }), mode))
  },
})
