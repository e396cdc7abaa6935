import type { ApiAddress } from '../../../core/api-address.ts'
import { importView } from '../../../operators/imports/import-view.ts'
import { startImport } from '../../../operators/imports/start-import.ts'
import { adminRoute, operationSchema } from '../../contract/admin-route.ts'
import { answer } from '../../contract/answers.ts'
import { movingExamples } from '../../openapi/moving-examples.ts'

export const startImportRoute = adminRoute({
  method: 'POST',
  path: '/api/v1/admin/imports',
  id: 'startImport',
  area: 'Moving',
  summary: 'Open an import of users',
  body: operationSchema,
  example: () => movingExamples.operation,
  answers: {
    201: {
      description: 'An empty import.',
      schema: importView,
      example: movingExamples.started,
      headers: ['location'],
    },
  },
  async handle(c, operation) {
    const started = await startImport(c.get('ctx'), operation)
    return answer(201, started, { location: `/api/v1/admin/imports/${started.id}` satisfies ApiAddress })
  },
})
