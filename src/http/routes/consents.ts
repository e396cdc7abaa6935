import * as z from 'zod'
import { decideConsent } from '../../compliance/consents/decide-consent.ts'
import { listConsents } from '../../compliance/consents/list-consents.ts'
import { consentDecisions, consentDocumentSchema, consentVersionSchema } from '../../core/consent.ts'
import { route } from '../route.ts'
import { parseOrRefuse } from '../validate.ts'

const PATH = '/api/v1/users/me/consents'

const paramsSchema = z.object({ document: consentDocumentSchema })

export const consentRoutes = [
  route({
    method: 'GET',
    path: PATH,
    access: 'bearer',
    async handle(c) {
      return c.json(await listConsents(c.get('ctx'), c.get('principal')))
    },
  }),
  route({
    method: 'PUT',
    path: `${PATH}/:document`,
    access: 'bearer',
    limits: { policy: 'decide-consent', isCountedWithWork: true },
    body: z.strictObject({ version: consentVersionSchema, decision: z.enum(consentDecisions) }),
    async handle(c, { version, decision }) {
      const { document } = parseOrRefuse(paramsSchema, c.req.param())
      return c.json(await decideConsent(c.get('ctx'), c.get('principal'), { document, version, decision }))
    },
  }),
]
