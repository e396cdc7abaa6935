import * as z from 'zod'
import { consentLedgerView } from '../../../../compliance/consents/consent-view.ts'
import { listConsents } from '../../../../compliance/consents/list-consents.ts'
import { answer } from '../../../contract/answers.ts'
import { route } from '../../../contract/contract.ts'
import { cursorSchema, nextPageLink } from '../../../contract/query-members.ts'
import { examples } from '../../../examples/examples.ts'

export const listConsentsRoute = route({
  method: 'GET',
  path: '/api/v1/users/me/consents',
  id: 'listConsents',
  area: 'Privacy',
  access: 'bearer',
  query: z.strictObject({ cursor: cursorSchema.optional() }),
  summary: 'List consents and their history',
  answers: {
    200: {
      description: 'The current consents, and a page of at most 100 decisions, newest first.',
      schema: consentLedgerView,
      example: () => ({ consents: [examples.consent()], history: [examples.consent()], next_cursor: null }),
      headers: ['link'],
    },
  },
  async handle(c, _, { cursor }) {
    const ledger = await listConsents(c.get('ctx'), c.get('principal'), cursor)
    return answer(200, ledger, nextPageLink(c, ledger.next_cursor))
  },
})
