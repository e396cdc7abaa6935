import { finishImport } from '../../../../../operators/imports/finish-import.ts'
import { importView } from '../../../../../operators/imports/import-view.ts'
import { adminRoute, operationSchema } from '../../../../contract/admin-route.ts'
import { answer } from '../../../../contract/answers.ts'
import { idParameter } from '../../../../id-parameter.ts'
import { movingExamples } from '../../../../openapi/moving-examples.ts'

export const finishImportRoute = adminRoute({
  method: 'POST',
  path: '/api/v1/admin/imports/:id/finish',
  id: 'finishImport',
  area: 'Moving',
  summary: 'Close an import',
  body: operationSchema,
  example: () => movingExamples.operation,
  answers: { 200: { description: 'The import.', schema: importView, example: movingExamples.finished } },
  problems: ['not_found', 'state_conflict'],
  async handle(c, operation) {
    return answer(200, await finishImport(c.get('ctx'), { importId: idParameter(c), ...operation }))
  },
})
