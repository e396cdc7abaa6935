import * as z from 'zod'
import { verifyEmail } from '../../../identity/email/verify-email.ts'
import { presentSession } from '../../../sessions/present-session.ts'
import { answer } from '../../contract/answers.ts'
import { route } from '../../contract/contract.ts'
import { examples } from '../../examples/examples.ts'
import { readSessionCookie } from '../../session-cookie.ts'
import { tokenSchema } from '../body-schemas.ts'

export const verifyEmailRoute = route({
  method: 'POST',
  path: '/api/v1/auth/verify-email',
  id: 'verifyEmail',
  area: 'Mail links',
  access: 'public',
  limits: { policy: 'one-time-token' },
  body: z.strictObject({ token: tokenSchema }),
  summary: 'Confirm an e-mail address with a mailed token',
  description:
    'After a registration, the token is enough. A change of address also requires a session of the same account (access ' +
    'token or cookie), and the session that requested the change must still be active.',
  example: () => ({ token: examples.oneTimeToken('verify') }),
  answers: { 204: 'The address is confirmed.' },
  problems: ['invalid_token', 'invalid_access_token', 'origin_not_allowed'],
  acceptsAlso: ['bearer', 'sessionCookie'],
  async handle(c, { token }) {
    await verifyEmail(c.get('ctx'), token, () =>
      presentSession(c.get('ctx'), c.req.header('authorization'), () => readSessionCookie(c)),
    )
    return answer(204)
  },
})
