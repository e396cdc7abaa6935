import * as z from 'zod'
import { erasureStates } from '../../../compliance/erasure/erasure-state.ts'
import { erasureListView } from '../../../operators/erasure-view.ts'
import { listErasures } from '../../../operators/list-erasures.ts'
import { adminRoute } from '../../contract/admin-route.ts'
import { answer } from '../../contract/answers.ts'
import { cursorSchema, limitSchema, nextPageLink } from '../../contract/query-members.ts'
import { operatorExamples } from '../../examples/operator-examples.ts'

const searchSchema = z.strictObject({
  state: z.enum(erasureStates).default('due'),
  cursor: cursorSchema.optional(),
  limit: limitSchema(50, 200),
})

export const listErasuresRoute = adminRoute({
  method: 'GET',
  path: '/api/v1/admin/erasures',
  id: 'listErasures',
  summary: 'List erasures by state',
  query: searchSchema,
  answers: {
    200: {
      description: 'Open erasures by due time; completed ones newest first.',
      schema: erasureListView,
      example: () => ({ erasures: [operatorExamples.erasure()], next_cursor: operatorExamples.cursor }),
      headers: ['link'],
    },
  },
  async handle(c, _, query) {
    const page = await listErasures(c.get('ctx'), query)
    return answer(200, page, nextPageLink(c, page.next_cursor))
  },
})
