import * as z from 'zod'
import { changePassword } from '../../auth/password/change-password.ts'
import { requestPasswordReset } from '../../auth/password/request-password-reset.ts'
import { resetPassword } from '../../auth/password/reset-password.ts'
import { emailAddressSchema } from '../../identity/email-address.ts'
import { route } from '../route.ts'
import { passwordSchema, tokenSchema } from './body-schemas.ts'

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
    body: z.strictObject({ token: tokenSchema, new_password: passwordSchema }),
    async handle(c, { token, new_password: newPassword }) {
      await resetPassword(c.get('ctx'), { token, newPassword })
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
