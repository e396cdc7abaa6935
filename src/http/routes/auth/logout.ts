import * as z from 'zod'
import { logout } from '../../../sessions/logout.ts'
import { answer } from '../../contract/answers.ts'
import { route } from '../../contract/contract.ts'
import { examples } from '../../examples/examples.ts'
import { clearSessionCookie, readCookieBesideBody } from '../../session-cookie.ts'
import { tokenSchema } from '../body-schemas.ts'

export const logoutRoute = route({
  method: 'POST',
  path: '/api/v1/auth/logout',
  id: 'logout',
  area: 'Sign-in',
  access: 'public',
  acceptsAlso: ['bearer', 'sessionCookie'],
  limits: { policy: 'logout', isCountedByVerb: true },
  hasOptionalBody: true,
  summary: 'Sign out',
  description:
    'Name the session by its refresh token, by the cookie with the body `{}`, or by the access token without a body.',
  body: z.strictObject({ refresh_token: tokenSchema.optional() }),
  example: () => ({ refresh_token: examples.refreshToken }),
  answers: { 204: { description: 'The session has ended, now or before.', headers: ['set-cookie'] } },
  problems: ['invalid_access_token', 'origin_not_allowed'],
  async handle(c, { refresh_token: token }) {
    const cookie = token === undefined ? readCookieBesideBody(c) : undefined
    await logout(c.get('ctx'), { refreshToken: token ?? cookie, authorization: c.req.header('authorization') })
    if (cookie !== undefined) clearSessionCookie(c)
    return answer(204)
  },
})
