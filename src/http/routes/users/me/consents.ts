import { consentLedgerView } from '../../../../compliance/consents/consent-view.ts'
import { listConsents } from '../../../../compliance/consents/list-consents.ts'
import { answer } from '../../../contract/answers.ts'
import { route } from '../../../contract/contract.ts'
import { examples } from '../../../openapi/examples.ts'

export const consentsRoutes = [
  route({
    method: 'GET',
    path: '/api/v1/users/me/consents',
    id: 'listConsents',
    area: 'Privacy',
    access: 'bearer',
    summary: 'Read every consent, with its history',
    answers: {
      200: {
        description: 'What counts, and every decision, newest first.',
        schema: consentLedgerView,
        example: () => ({ consents: [examples.consent], history: [examples.consent] }),
      },
    },
    async handle(c) {
      return answer(200, await listConsents(c.get('ctx'), c.get('principal')))
    },
  }),
]
