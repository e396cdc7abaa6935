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
  summary: 'Reset the password with a mailed token',
  description:
    'All sessions end, and no new one starts. The client gets a device token, so that wrong passwords of other clients ' +
    'do not block the next sign-in: in the answer with `session_mode: token`, otherwise in a cookie if the origin is ' +
    'allowed to use cookies.',
  example: () => ({ token: examples.oneTimeToken('reset'), new_password: examples.newPassword }),
  answers: {
    200: {
      description: 'The password is set; with `session_mode: token`.',
      schema: deviceTokenView,
      example: () => ({ device_token: examples.deviceToken }),
    },
    204: { description: 'The password is set.', headers: ['set-cookie'] },
  },
  problems: ['invalid_token', 'origin_not_allowed'],
  async handle(c, { token, new_password: newPassword, session_mode: mode }) {
    if (mode === 'cookie') requireCookieOrigin(c)
    const view = await resetPassword(c.get('ctx'), { token, newPassword })
    if (mode === 'token') return answer(200, view)
    // Without `session_mode`, an origin that may use cookies gets the cookie. This service's own page is such
    // an origin.
    if (isCookieOrigin(c)) setDeviceCookie(c, view.device_token)
    return answer(204)
  },
})
