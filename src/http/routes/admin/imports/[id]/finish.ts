import { finishImport } from '../../../../../operators/user-import/finish-import.ts'
import { importView } from '../../../../../operators/user-import/import-view.ts'
import { adminRoute, reasonOnlySchema } from '../../../../contract/admin-route.ts'
import { answer } from '../../../../contract/answers.ts'
import { userImportExamples } from '../../../../examples/user-import-examples.ts'
import { idParameter } from '../../../../id-parameter.ts'

export const finishImportRoute = adminRoute({
  method: 'POST',
  path: '/api/v1/admin/imports/:id/finish',
  id: 'finishImport',
  area: 'User import and export',
  summary: 'Finish an import',
  body: reasonOnlySchema,
  example: () => userImportExamples.operation,
  answers: { 200: { description: 'The finished import.', schema: importView, example: userImportExamples.finished } },
  problems: ['not_found', 'state_conflict'],
  async handle(c, operation) {
    return answer(200, await finishImport(c.get('ctx'), { importId: idParameter(c), ...operation }))
  },
})
