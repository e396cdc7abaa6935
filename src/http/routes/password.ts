import * as z from 'zod'
import { changePassword } from '../../auth/password/change-password.ts'
import { requestPasswordReset } from '../../auth/password/request-password-reset.ts'
import { resetPassword } from '../../auth/password/reset-password.ts'
import { emailAddressSchema } from '../../identity/email-address.ts'
import { setDeviceCookie } from '../device-cookie.ts'
import { route } from '../route.ts'
import { isCookieOrigin, requireCookieOrigin } from '../session-cookie.ts'
import { passwordSchema, tokenSchema } from './body-schemas.ts'
import { sessionModeSchema } from './sign-in-answer.ts'

export const passwordRoutes = [
  route({
    method: 'POST',
    path: '/api/v1/auth/reset-password',
    access: 'public',
    limits: { policy: 'reset-password', email: ({ email }) => email },
    body: z.strictObject({ email: emailAddressSchema }),
    async handle(c, { email }) {
      await requestPasswordReset(c.get('ctx'), email)
      return c.json({ message: 'If the address has an account, a mail is on its way to it.' }, 202)
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/auth/reset-password/confirm',
    access: 'public',
    limits: { policy: 'one-time-token' },
    hashesPassword: true,
    body: z.strictObject({
      token: tokenSchema,
      new_password: passwordSchema,
      session_mode: sessionModeSchema.optional(),
    }),
    async handle(c, { token, new_password: newPassword, session_mode: mode }) {
      if (mode === 'cookie') requireCookieOrigin(c)
      const deviceToken = await resetPassword(c.get('ctx'), { token, newPassword })
      if (mode === 'token') return c.json({ device_token: deviceToken })
      // Without a word about it, a page that may have the cookie gets it: this service's own page is one.
      if (isCookieOrigin(c)) setDeviceCookie(c, deviceToken)
      return c.body(null, 204)
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/users/me/password',
    access: 'step-up',
    limits: { policy: 'confirm-password', isCountedByVerb: true },
    hashesPassword: true,
    body: z.strictObject({ current_password: passwordSchema, new_password: passwordSchema }),
    async handle(c, { current_password: currentPassword, new_password: newPassword }) {
      await changePassword(c.get('ctx'), c.get('principal'), { currentPassword, newPassword })
      return c.body(null, 204)
    },
  }),
]
