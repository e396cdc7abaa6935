import * as z from 'zod'
import { issueLinkTicket } from '../../auth/oauth/issue-link-ticket.ts'
import { LINK_TICKET_MINUTES } from '../../core/lifetimes.ts'
import { linkIdentity } from '../../identity/links/link-identity.ts'
import { listIdentities } from '../../identity/links/list-identities.ts'
import { unlinkIdentity } from '../../identity/links/unlink-identity.ts'
import { idParameter } from '../id-parameter.ts'
import { route } from '../route.ts'
import { codeSchemas } from './body-schemas.ts'

const PATH = '/api/v1/users/me/identities'

export const identityRoutes = [
  route({
    method: 'GET',
    path: PATH,
    access: 'bearer',
    async handle(c) {
      return c.json({ identities: await listIdentities(c.get('ctx'), c.get('principal')) })
    },
  }),
  route({
    method: 'POST',
    path: `${PATH}/:provider/start`,
    access: 'step-up',
    limits: { policy: 'start-linking', isCountedWithWork: true },
    async handle(c) {
      const link = await issueLinkTicket(c.get('ctx'), c.get('principal'), c.req.param('provider') ?? '')
      return c.json({ link, expires_in: LINK_TICKET_MINUTES * 60 })
    },
  }),
  route({
    method: 'POST',
    path: PATH,
    access: 'bearer',
    limits: { policy: 'change-identities' },
    body: z.strictObject(codeSchemas),
    async handle(c, { code, code_verifier: codeVerifier }) {
      return c.json(await linkIdentity(c.get('ctx'), c.get('principal'), { code, codeVerifier }), 201)
    },
  }),
  route({
    method: 'DELETE',
    path: `${PATH}/:id`,
    access: 'step-up',
    limits: { policy: 'change-identities' },
    async handle(c) {
      await unlinkIdentity(c.get('ctx'), c.get('principal'), idParameter(c))
      return c.body(null, 204)
    },
  }),
]
