import * as z from 'zod'
import { resetPassword } from '../../../../sign-in/password/reset-password.ts'
import { deviceTokenView } from '../../../../sign-in/password/reset-password-view.ts'
import { answer } from '../../../contract/answers.ts'
import { route } from '../../../contract/contract.ts'
import { setDeviceCookie } from '../../../device-cookie.ts'
import { examples } from '../../../examples/examples.ts'
import { isCookieOrigin, requireCookieOrigin } from '../../../session-cookie.ts'
import { passwordSchema, tokenSchema } from '../../body-schemas.ts'
import { sessionModeSchema } from '../../sign-in-answer.ts'

export const resetPasswordRoute = route({
  method: 'POST',
  path: '/api/v1/auth/reset-password/confirm',
  id: 'resetPassword',
  area: 'Mail links',
  access: 'public',
  limits: { policy: 'one-time-token' },
  hashesPassword: true,
  body: z.strictObject({
    token: tokenSchema,
    new_password: passwordSchema,
    session_mode: sessionModeSchema.optional(),
  }),
  summary: 'Set a new password with the token of a mail',
  description:
    'Every session ends; it does not sign in. It gives a device token, with which wrong passwords of strangers do not ' +
    'keep the owner from signing in: in the answer with `session_mode: token`, otherwise in a cookie where the origin ' +
    'may have one.',
  example: () => ({ token: examples.oneTimeToken('reset'), new_password: examples.newPassword }),
  answers: {
    200: {
      description: 'Set, with `session_mode: token`.',
      schema: deviceTokenView,
      example: () => ({ device_token: examples.deviceToken }),
    },
    204: { description: 'Set.', headers: ['set-cookie'] },
  },
  problems: ['invalid_token', 'origin_not_allowed'],
  async handle(c, { token, new_password: newPassword, session_mode: mode }) {
    if (mode === 'cookie') requireCookieOrigin(c)
    const view = await resetPassword(c.get('ctx'), { token, newPassword })
    if (mode === 'token') return answer(200, view)
    // Without a word about it, a page that may have the cookie gets it: this service's own page is one.
    if (isCookieOrigin(c)) setDeviceCookie(c, view.device_token)
    return answer(204)
  },
})
