import * as z from 'zod'
import { consentView } from '../../../../../compliance/consents/consent-view.ts'
import { decideConsent } from '../../../../../compliance/consents/decide-consent.ts'
import { consentDecisions, consentDocumentSchema, consentVersionSchema } from '../../../../../core/consent.ts'
import { answer } from '../../../../contract/answers.ts'
import { route } from '../../../../contract/contract.ts'
import { examples } from '../../../../examples/examples.ts'
import { parseOrRefuse } from '../../../../validate.ts'

const paramsSchema = z.object({ document: consentDocumentSchema })

export const decideConsentRoute = route({
  method: 'PUT',
  path: '/api/v1/users/me/consents/:document',
  id: 'decideConsent',
  area: 'Privacy',
  access: 'bearer',
  limits: { policy: 'decide-consent', isCountedWithWork: true },
  body: z.strictObject({ version: consentVersionSchema, decision: z.enum(consentDecisions) }),
  summary: 'Grant or withdraw consent to a document',
  example() {
    const { version, decision } = examples.consent()
    return { version, decision }
  },
  answers: {
    200: {
      description: 'The current decision about the document.',
      schema: consentView,
      example: examples.consent,
    },
  },
  problems: ['state_conflict'],
  async handle(c, { version, decision }) {
    const { document } = parseOrRefuse(paramsSchema, c.req.param())
    return answer(200, await decideConsent(c.get('ctx'), c.get('principal'), { document, version, decision }))
  },
})
