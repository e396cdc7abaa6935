import { z } from 'zod'
import { authenticate } from '../../auth/authenticate.ts'
import { checkSession } from '../../auth/check-session.ts'
import { login } from '../../auth/login.ts'
import { endSession, logoutByRefreshToken } from '../../auth/logout.ts'
import { refresh } from '../../auth/refresh.ts'
import { restoreAccount } from '../../auth/restore-account.ts'
import { GPC_OPT_OUT } from '../../core/consent.ts'
import { profileFieldSchemas } from '../../core/profile.ts'
import { rfc3339 } from '../../core/time.ts'
import { emailAddressSchema } from '../../identity/email-address.ts'
import { registerUser } from '../../identity/register-user.ts'
import { route } from '../route.ts'

/** Room for 1,024 bytes in any normal form; the policy decides. Text that is not Unicode cannot be typed again. */
const passwordSchema = z
  .string()
  .max(4096)
  .refine((text) => text.isWellFormed(), 'must be well-formed text')
const refreshTokenSchema = z.string().max(512)

const registerSchema = z.strictObject({
  email: emailAddressSchema,
  password: passwordSchema,
  full_name: profileFieldSchemas.full_name.optional(),
  phone_number: profileFieldSchemas.phone_number.optional(),
  preferences: profileFieldSchemas.preferences.optional(),
})

const loginSchema = z.strictObject({
  email: emailAddressSchema,
  password: passwordSchema,
  session_mode: z.literal('token').optional(),
})

export const authRoutes = [
  route({
    method: 'POST',
    path: '/api/v1/auth/register',
    access: 'public',
    body: registerSchema,
    async handle(c, { email, password, ...profile }) {
      const consents = c.req.header('sec-gpc') === '1' ? [GPC_OPT_OUT] : []
      const id = await registerUser(c.var.ctx, { email, password, profile, consents })
      return c.json({ id, message: 'User registered successfully.' }, 201, { location: '/api/v1/users/me' })
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/auth/login',
    access: 'public',
    body: loginSchema,
    async handle(c, { email, password }) {
      const result = await login(c.var.ctx, { email, password })
      if (result.kind === 'signed-in') return c.json({ ...result.tokens, user: result.user })
      const { restoreToken, restoreUntilMs } = result
      const restoreUntil = rfc3339(restoreUntilMs)
      return c.json({ account_status: 'deleted', restore_token: restoreToken, restore_until: restoreUntil })
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/auth/refresh',
    access: 'public',
    body: z.strictObject({ refresh_token: refreshTokenSchema }),
    async handle(c, { refresh_token }) {
      return c.json(await refresh(c.var.ctx, refresh_token))
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/auth/logout',
    access: 'public',
    hasOptionalBody: true,
    body: z.strictObject({ refresh_token: refreshTokenSchema.optional() }),
    async handle(c, { refresh_token }) {
      const { ctx } = c.var
      if (refresh_token !== undefined) {
        await logoutByRefreshToken(ctx, refresh_token)
      } else {
        const { sessionId } = await authenticate(ctx, c.req.header('authorization'))
        await endSession(ctx, sessionId)
      }
      return c.body(null, 204)
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/auth/restore',
    access: 'public',
    body: z.strictObject({ token: z.string().max(512) }),
    async handle(c, { token }) {
      const { tokens, user } = await restoreAccount(c.var.ctx, token)
      return c.json({ ...tokens, user })
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/auth/session',
    access: 'bearer',
    async handle(c) {
      const { userId, sessionId, amr, authTimeMs } = c.var.principal
      const session = await checkSession(c.var.ctx, { userId, sessionId })
      return c.json({
        active: true,
        user_id: userId,
        session_id: sessionId,
        roles: session.roles,
        amr,
        auth_time: rfc3339(authTimeMs),
        expires_at: rfc3339(session.expiresAtMs),
      })
    },
  }),
]
