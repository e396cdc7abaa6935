import * as z from 'zod'
import { getImport } from '../../../../operators/user-import/get-import.ts'
import { importReportView } from '../../../../operators/user-import/import-view.ts'
import { adminRoute } from '../../../contract/admin-route.ts'
import { answer } from '../../../contract/answers.ts'
import { limitSchema, nextPageLink } from '../../../contract/query-members.ts'
import { userImportExamples } from '../../../examples/user-import-examples.ts'
import { idParameter } from '../../../id-parameter.ts'

const reportSchema = z.strictObject({
  cursor: z
    .string()
    .regex(/^\d{1,10}$/, 'must be the next_cursor of a page')
    .transform(Number)
    .optional(),
  limit: limitSchema(100, 500),
})

export const getImportRoute = adminRoute({
  method: 'GET',
  path: '/api/v1/admin/imports/:id',
  id: 'getImport',
  area: 'User import and export',
  summary: 'Get the progress and refused lines of an import',
  query: reportSchema,
  answers: {
    200: {
      description: 'The import, and a page of refused lines in the order of the file.',
      schema: importReportView,
      example: () => ({ ...userImportExamples.continued(), refusals: [userImportExamples.refusal], next_cursor: null }),
      headers: ['link'],
    },
  },
  problems: ['not_found'],
  async handle(c, _, { cursor, limit }) {
    const report = await getImport(c.get('ctx'), { importId: idParameter(c), after: cursor ?? 0, limit })
    return answer(200, report, nextPageLink(c, report.next_cursor))
  },
})
