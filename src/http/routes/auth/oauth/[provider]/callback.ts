import { findApplication } from '../../../../../sign-in/federated/find-application.ts'
import { finishFlow } from '../../../../../sign-in/federated/finish-flow.ts'
import { route } from '../../../../contract/contract.ts'
import { clearFlowCookie, readFlowCookie } from '../../../../flow-cookie.ts'
import { problemCodeOf } from '../../../../problem.ts'
import { signalledConsents } from '../../../../sent-consents.ts'

export const finishSocialSignInRoute = route({
  method: 'GET',
  path: '/api/v1/auth/oauth/:provider/callback',
  id: 'finishSocialSignIn',
  area: 'Social sign-in',
  access: 'public',
  limits: { policy: 'social-sign-in' },
  isNavigated: true,
  summary: 'Finish a social sign-in',
  description:
    'The provider sends the browser here and adds its parameters. A browser that prefers HTML gets errors as a page.',
  headers: ['sec-gpc'],
  answers: {
    302: {
      description: 'Redirect to the `redirect_uri`, with `code` or `error`.',
      raw: true,
      headers: ['location', 'set-cookie'],
    },
  },
  problems: ['not_found', 'invalid_state'],
  async handle(c) {
    const { provider, sealedFlow } = { provider: c.req.param('provider') ?? '', sealedFlow: readFlowCookie(c) }
    const location = await finishFlow(c.get('ctx'), {
      provider,
      sealedFlow,
      parameters: new URL(c.req.url).searchParams,
      consents: signalledConsents(c),
    }).catch(async (error: unknown) => {
      c.set('wayBack', await findApplication(c.get('ctx'), { provider, sealedFlow }))
      throw error
    })
    clearFlowCookie(c)
    c.set('problem', problemCodeOf(new URL(location).searchParams.get('error')))
    return c.redirect(location, 302)
  },
})
