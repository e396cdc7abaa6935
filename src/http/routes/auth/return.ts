import * as z from 'zod'
import { checkReturn } from '../../../sign-in/application/check-return.ts'
import { returnToApplication } from '../../../sign-in/application/return-to-application.ts'
import { returnCheckView, returnView } from '../../../sign-in/application/return-views.ts'
import { answer } from '../../contract/answers.ts'
import { route } from '../../contract/contract.ts'
import { examples } from '../../examples/examples.ts'
import { readSessionCookie } from '../../session-cookie.ts'
import { codeRequestSchemas, redirectUriSchema, tokenSchema } from '../body-schemas.ts'

/** What an application adds to the address of the pages. */
const members = {
  return_to: redirectUriSchema,
  ...codeRequestSchemas,
  code_challenge_method: z.literal('S256'),
} as const

export const checkReturnRoute = route({
  method: 'GET',
  path: '/api/v1/auth/return',
  id: 'checkReturn',
  area: 'Sign-in',
  access: 'public',
  summary: 'Check where an application wants a person sent back',
  description: 'For pages, before they name the application. They pass on what the application added to their address.',
  query: z.strictObject(members),
  exampleQuery: () => examples.returnRequest,
  answers: {
    200: {
      description: 'The application is on the list. `denied`: where the browser goes when the person gives up.',
      schema: returnCheckView,
      example: () => ({
        host: 'app.example',
        denied: 'https://app.example/signed-in?error=access_denied&state=af0ifjsldkj&iss=https%3A%2F%2Fid.example.com',
      }),
    },
  },
  async handle(c, _body, { return_to: returnTo, state }) {
    return answer(200, checkReturn(c.get('ctx'), { returnTo, state }))
  },
})

export const returnToApplicationRoute = route({
  method: 'POST',
  path: '/api/v1/auth/return',
  id: 'returnToApplication',
  area: 'Sign-in',
  access: 'bearer',
  limits: { policy: 'return', isCountedWithWork: true },
  summary: 'Return to an application with a code',
  description:
    'For pages. The application exchanges the code at `/auth/oauth/token`, within a minute, once, and while this session ' +
    'is active. The request also needs the refresh token of the session, in the cookie or in the body.',
  body: z.strictObject({ ...members, refresh_token: tokenSchema.optional() }),
  example: () => ({ ...examples.returnRequest, refresh_token: examples.refreshToken }),
  answers: {
    200: {
      description: 'Where the browser goes.',
      schema: returnView,
      example: () => ({
        location: `https://app.example/signed-in?code=${examples.oneTimeToken('code')}&state=af0ifjsldkj&iss=https%3A%2F%2Fid.example.com`,
      }),
    },
  },
  problems: [
    'invalid_refresh_token',
    'step_up_required',
    'factor_enrolment_required',
    'second_factor_required',
    'origin_not_allowed',
  ],
  async handle(c, body) {
    const { return_to: returnTo, state, code_challenge: codeChallenge } = body
    const refreshToken = body.refresh_token ?? readSessionCookie(c)
    const request = { refreshToken, returnTo, state, codeChallenge }
    return answer(200, await returnToApplication(c.get('ctx'), c.get('principal'), request))
  },
})
