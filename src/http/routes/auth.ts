import * as z from 'zod'
import { authenticate } from '../../auth/authenticate.ts'
import { checkSession } from '../../auth/check-session.ts'
import { login } from '../../auth/login.ts'
import { endSession, logoutByRefreshToken } from '../../auth/logout.ts'
import { refresh } from '../../auth/refresh.ts'
import { restoreAccount } from '../../auth/restore-account.ts'
import { stepUp } from '../../auth/step-up.ts'
import { GPC_OPT_OUT } from '../../core/consent.ts'
import { profileFieldSchemas } from '../../core/profile.ts'
import { rfc3339 } from '../../core/time.ts'
import { emailAddressSchema } from '../../identity/email-address.ts'
import { registerUser } from '../../identity/register-user.ts'
import { readDeviceCookie } from '../device-cookie.ts'
import { once } from '../once.ts'
import { route } from '../route.ts'
import { clearSessionCookie, readSessionCookie, requireCookieOrigin } from '../session-cookie.ts'
import { passwordSchema, tokenSchema } from './body-schemas.ts'
import { answerLogin, answerSignIn, sessionModeSchema, showTokens } from './sign-in-answer.ts'

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
  session_mode: sessionModeSchema.default('token'),
  device_token: tokenSchema.optional(),
})

export const authRoutes = [
  route({
    method: 'POST',
    path: '/api/v1/auth/register',
    access: 'public',
    limits: { policy: 'register', email: ({ email }) => email },
    hashesPassword: true,
    isIdempotent: true,
    body: registerSchema,
    async handle(c, { email, password, ...profile }) {
      const consents = c.req.header('sec-gpc') === '1' ? [GPC_OPT_OUT] : []
      const id = await once(c, z.string().nullable(), () =>
        registerUser(c.get('ctx'), { email, password, profile, consents }),
      )
      if (c.get('ctx').settings.REGISTRATION_MODE === 'private')
        return c.json({ message: 'A mail with the next step is on its way to the address.' }, 202)
      return c.json({ id, message: 'User registered successfully.' }, 201, { location: '/api/v1/users/me' })
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/auth/login',
    access: 'public',
    limits: { policy: 'sign-in', isCountedByVerb: true },
    hashesPassword: true,
    body: loginSchema,
    async handle(c, { email, password, session_mode: mode, device_token: given }) {
      // A page that may not use the cookie must not be able to plant one either.
      if (mode === 'cookie') requireCookieOrigin(c)
      const deviceToken = given ?? readDeviceCookie(c)
      return answerLogin(c, await login(c.get('ctx'), { email, password, deviceToken }), mode)
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/auth/refresh',
    access: 'public',
    limits: { policy: 'refresh', isCountedByVerb: true },
    body: z.strictObject({ refresh_token: tokenSchema.optional() }),
    async handle(c, { refresh_token: token }) {
      const mode = token === undefined ? 'cookie' : 'token'
      const tokens = await refresh(c.get('ctx'), token ?? readSessionCookie(c) ?? '')
      return c.json(showTokens(c, tokens, mode))
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/auth/logout',
    access: 'public',
    limits: { policy: 'logout', isCountedByVerb: true },
    hasOptionalBody: true,
    body: z.strictObject({ refresh_token: tokenSchema.optional() }),
    async handle(c, { refresh_token: token }) {
      const ctx = c.get('ctx')
      const authorization = c.req.header('authorization')
      // A cookie counts only beside a body, which a form on a foreign page cannot send as JSON.
      const cookie = token === undefined && c.get('bodyText') !== undefined ? readSessionCookie(c) : undefined
      const refreshToken = token ?? cookie
      if (refreshToken !== undefined) await logoutByRefreshToken(ctx, refreshToken)
      else await endSession(ctx, (await authenticate(ctx, authorization)).sessionId)
      if (cookie !== undefined) clearSessionCookie(c)
      return c.body(null, 204)
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/auth/restore',
    access: 'public',
    limits: { policy: 'one-time-token' },
    body: z.strictObject({ token: tokenSchema, session_mode: sessionModeSchema.default('token') }),
    async handle(c, { token, session_mode: mode }) {
      if (mode === 'cookie') requireCookieOrigin(c)
      return answerSignIn(c, await restoreAccount(c.get('ctx'), token), mode)
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/auth/step-up',
    access: 'bearer',
    limits: { policy: 'confirm-password', isCountedByVerb: true },
    hashesPassword: true,
    body: z.strictObject({ password: passwordSchema }),
    async handle(c, { password }) {
      return c.json(await stepUp(c.get('ctx'), c.get('principal'), password))
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/auth/session',
    access: 'bearer',
    async handle(c) {
      const { userId, sessionId, amr, authTimeMs } = c.get('principal')
      const session = await checkSession(c.get('ctx'), { userId, sessionId })
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
