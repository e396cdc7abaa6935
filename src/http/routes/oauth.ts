import * as z from 'zod'
import { redeemCode } from '../../auth/oauth/redeem-code.ts'
import { route } from '../route.ts'
import { requireCookieOrigin } from '../session-cookie.ts'
import { codeSchemas } from './body-schemas.ts'
import { answerLogin, sessionModeSchema } from './sign-in-answer.ts'

export const oauthRoutes = [
  route({
    method: 'POST',
    path: '/api/v1/auth/oauth/token',
    access: 'public',
    limits: { policy: 'social-sign-in' },
    body: z.strictObject({ ...codeSchemas, session_mode: sessionModeSchema.default('token') }),
    async handle(c, { code, code_verifier: codeVerifier, session_mode: mode }) {
      if (mode === 'cookie') requireCookieOrigin(c)
      return answerLogin(c, await redeemCode(c.get('ctx'), { code, codeVerifier }), mode)
    },
  }),
]
