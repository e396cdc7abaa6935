import type { ApiAddress } from '../../../core/api-address.ts'
import { importView } from '../../../operators/user-import/import-view.ts'
import { startImport } from '../../../operators/user-import/start-import.ts'
import { adminRoute, reasonOnlySchema } from '../../contract/admin-route.ts'
import { answer } from '../../contract/answers.ts'
import { userImportExamples } from '../../examples/user-import-examples.ts'

export const startImportRoute = adminRoute({
  method: 'POST',
  path: '/api/v1/admin/imports',
  id: 'startImport',
  area: 'User import and export',
  summary: 'Start a user import',
  body: reasonOnlySchema,
  example: () => userImportExamples.operation,
  answers: {
    201: {
      description: 'The new import, still empty.',
      schema: importView,
      example: userImportExamples.started,
      headers: ['location'],
    },
  },
  async handle(c, operation) {
    const started = await startImport(c.get('ctx'), operation)
    return answer(201, started, { location: `/api/v1/admin/imports/${started.id}` satisfies ApiAddress })
  },
})
