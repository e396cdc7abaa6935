import * as z from 'zod'
import { startFlow } from '../../../../../sign-in/federated/start-flow.ts'
import { route } from '../../../../contract/contract.ts'
import { examples } from '../../../../examples/examples.ts'
import { setFlowCookie } from '../../../../flow-cookie.ts'
import { codeRequestSchemas, redirectUriSchema } from '../../../body-schemas.ts'

export const startSocialSignInRoute = route({
  method: 'GET',
  path: '/api/v1/auth/oauth/:provider/start',
  id: 'startSocialSignIn',
  area: 'Social sign-in',
  access: 'public',
  limits: { policy: 'social-sign-in' },
  isNavigated: true,
  summary: 'Start a social sign-in',
  description:
    'Open this address in the browser; a script cannot call it. `link` is the ticket of a signed-in user who links an identity.',
  query: z.strictObject({
    redirect_uri: redirectUriSchema,
    ...codeRequestSchemas,
    code_challenge_method: z.literal('S256').optional(),
    link: z.string().max(1024).optional(),
  }),
  exampleQuery: () => examples.codeRequest,
  answers: {
    302: {
      description: 'Redirect to the provider or, if it is unavailable, to the `redirect_uri` with `error`.',
      raw: true,
      headers: ['location', 'set-cookie'],
    },
  },
  problems: ['not_found', 'invalid_token'],
  async handle(c, _body, query) {
    const { location, sealedFlow } = await startFlow(c.get('ctx'), {
      provider: c.req.param('provider') ?? '',
      redirectUri: query.redirect_uri,
      codeChallenge: query.code_challenge,
      clientState: query.state,
      ticket: query.link,
    })
    if (sealedFlow !== undefined) setFlowCookie(c, sealedFlow)
    return c.redirect(location, 302)
  },
})
