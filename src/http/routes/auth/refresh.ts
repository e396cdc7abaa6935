import * as z from 'zod'
import { refresh } from '../../../sessions/refresh.ts'
import { tokensView } from '../../../sessions/token-views.ts'
import { answer } from '../../contract/answers.ts'
import { route } from '../../contract/contract.ts'
import { examples } from '../../examples/examples.ts'
import { readSessionCookie } from '../../session-cookie.ts'
import { tokenSchema } from '../body-schemas.ts'
import { placeTokens } from '../sign-in-answer.ts'

export const refreshRoute = route({
  method: 'POST',
  path: '/api/v1/auth/refresh',
  id: 'refresh',
  area: 'Sign-in',
  access: 'public',
  acceptsAlso: ['sessionCookie'],
  limits: { policy: 'refresh', isCountedByVerb: true },
  summary: 'Get a new access token',
  description:
    'Each use returns a new refresh token. If the old one is used again more than ten seconds later, the whole session ' +
    'ends. In cookie mode, send `{}`.',
  body: z.strictObject({ refresh_token: tokenSchema.optional() }),
  example: () => ({ refresh_token: examples.refreshToken }),
  answers: {
    200: {
      description: 'New tokens.',
      schema: tokensView,
      example: examples.tokens,
      headers: ['set-cookie'],
    },
  },
  problems: ['invalid_refresh_token', 'origin_not_allowed'],
  async handle(c, { refresh_token: token }) {
    const mode = token === undefined ? 'cookie' : 'token'
    const tokens = await refresh(c.get('ctx'), token ?? readSessionCookie(c) ?? '')
    return answer(200, placeTokens(c, tokens, mode))
  },
})
