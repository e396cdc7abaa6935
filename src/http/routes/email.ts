import * as z from 'zod'
import { presentSession } from '../../auth/present-session.ts'
import { requestEmailChange } from '../../identity/email/request-email-change.ts'
import { requestVerification } from '../../identity/email/request-verification.ts'
import { undoEmailChange } from '../../identity/email/undo-email-change.ts'
import { verifyEmail } from '../../identity/email/verify-email.ts'
import { emailAddressSchema } from '../../identity/email-address.ts'
import { route } from '../route.ts'
import { readSessionCookie } from '../session-cookie.ts'
import { tokenSchema } from './body-schemas.ts'

export const emailRoutes = [
  route({
    method: 'POST',
    path: '/api/v1/auth/verify-email',
    access: 'public',
    limits: { policy: 'one-time-token' },
    body: z.strictObject({ token: tokenSchema }),
    async handle(c, { token }) {
      await verifyEmail(c.get('ctx'), token, () =>
        presentSession(c.get('ctx'), c.req.header('authorization'), () => readSessionCookie(c)),
      )
      return c.body(null, 204)
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/auth/verify-email/resend',
    access: 'public',
    limits: { policy: 'resend-verification', email: ({ email }) => email },
    body: z.strictObject({ email: emailAddressSchema }),
    async handle(c, { email }) {
      await requestVerification(c.get('ctx'), email)
      return c.json({ message: 'If the address is waiting to be verified, a mail is on its way to it.' }, 202)
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/auth/undo-email',
    access: 'public',
    limits: { policy: 'one-time-token' },
    body: z.strictObject({ token: tokenSchema }),
    async handle(c, { token }) {
      await undoEmailChange(c.get('ctx'), token)
      return c.body(null, 204)
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/users/me/email',
    access: 'step-up',
    limits: { policy: 'change-email', email: ({ new_email }) => new_email },
    body: z.strictObject({ new_email: emailAddressSchema }),
    async handle(c, { new_email: email }) {
      await requestEmailChange(c.get('ctx'), c.get('principal'), email)
      return c.json({ message: 'The address changes when the new one has confirmed.' }, 202)
    },
  }),
]
