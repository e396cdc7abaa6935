import * as z from 'zod'
import { assertionResponseSchema } from '../../../sign-in/passkey-schemas.ts'
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
    credential: assertionResponseSchema.optional(),
    session_mode: sessionModeSchema.default('token'),
  })
  .refine(
    ({ totp, recovery_code, credential }) =>
      [totp, recovery_code, credential].filter((factor) => factor !== undefined).length === 1,
    'must have either totp, recovery_code or credential',
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
    'Takes the `mfa_token` that a first step answered, and either a code of the authenticator app (`totp`), a recovery ' +
    'code, or the answer of a passkey or security key to `public_key` of the first step (`credential`). A wrong factor does ' +
    'not use up the token, but one answer of a passkey uses up its challenge. Five wrong codes of the app within 15 minutes, or 20 within a day, lock ' +
    'the app: 429 with the quota `second-factor`. A recovery code or a passkey works then, and ends the lock.',
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
    'misconfigured',
  ],
  async handle(c, { mfa_token: mfaToken, totp, recovery_code: recoveryCode = '', credential, session_mode: mode }) {
    if (mode === 'cookie') requireCookieOrigin(c)
    const code = totp === undefined ? { recoveryCode } : { totp }
    const typed = credential === undefined ? code : { passkey: credential }
    return answer(200, placeTokens(c, await proveSecondFactor(c.get('ctx'), { mfaToken, typed }), mode))
  },
})
