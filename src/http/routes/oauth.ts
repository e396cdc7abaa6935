import * as z from 'zod'
import { findApplication } from '../../auth/oauth/find-application.ts'
import { finishFlow } from '../../auth/oauth/finish-flow.ts'
import { redeemCode } from '../../auth/oauth/redeem-code.ts'
import { startFlow } from '../../auth/oauth/start-flow.ts'
import { GPC_OPT_OUT } from '../../core/consent.ts'
import { clearFlowCookie, readFlowCookie, setFlowCookie } from '../flow-cookie.ts'
import { problemCodeOf } from '../problem.ts'
import { route } from '../route.ts'
import { requireCookieOrigin } from '../session-cookie.ts'
import { codeSchemas } from './body-schemas.ts'
import { answerLogin, sessionModeSchema } from './sign-in-answer.ts'

const PATH = '/api/v1/auth/oauth'

const startSchema = z.strictObject({
  redirect_uri: z.string().max(512),
  /** Base64url of a SHA-256. */
  code_challenge: z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'must be an S256 challenge'),
  code_challenge_method: z.literal('S256').optional(),
  /** Printable ASCII (RFC 6749 appendix A.5). */
  state: z
    .string()
    .regex(/^[\x20-\x7e]{1,512}$/, 'must be printable ASCII')
    .optional(),
  link: z.string().max(1024).optional(),
})

export const oauthRoutes = [
  route({
    method: 'GET',
    path: `${PATH}/:provider/start`,
    access: 'public',
    limits: { policy: 'social-sign-in' },
    isNavigated: true,
    query: startSchema,
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
  }),
  route({
    method: 'GET',
    path: `${PATH}/:provider/callback`,
    access: 'public',
    limits: { policy: 'social-sign-in' },
    isNavigated: true,
    async handle(c) {
      const { provider, sealedFlow } = { provider: c.req.param('provider') ?? '', sealedFlow: readFlowCookie(c) }
      const location = await finishFlow(c.get('ctx'), {
        provider,
        sealedFlow,
        parameters: new URL(c.req.url).searchParams,
        consents: c.req.header('sec-gpc') === '1' ? [GPC_OPT_OUT] : [],
      }).catch(async (error: unknown) => {
        c.set('wayBack', await findApplication(c.get('ctx'), { provider, sealedFlow }))
        throw error
      })
      clearFlowCookie(c)
      c.set('problem', problemCodeOf(new URL(location).searchParams.get('error')))
      return c.redirect(location, 302)
    },
  }),
  route({
    method: 'POST',
    path: `${PATH}/token`,
    access: 'public',
    limits: { policy: 'social-sign-in' },
    body: z.strictObject({ ...codeSchemas, session_mode: sessionModeSchema.default('token') }),
    async handle(c, { code, code_verifier: codeVerifier, session_mode: mode }) {
      if (mode === 'cookie') requireCookieOrigin(c)
      return answerLogin(c, await redeemCode(c.get('ctx'), { code, codeVerifier }), mode)
    },
  }),
]
