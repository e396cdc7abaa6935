import { exportView, showExport } from '../../../../../compliance/export/export-view.ts'
import { getExport } from '../../../../../compliance/export/get-export.ts'
import { answer } from '../../../../contract/answers.ts'
import { route } from '../../../../contract/contract.ts'
import { examples } from '../../../../examples/examples.ts'
import { idParameter } from '../../../../id-parameter.ts'

const { id, atMs } = examples

export const getExportRoute = route({
  method: 'GET',
  path: '/api/v1/users/me/export/:id',
  id: 'getExport',
  area: 'Privacy',
  access: 'bearer',
  summary: 'Get the status of a data export',
  answers: {
    200: {
      description: 'The status, and the path `download` once the export is ready.',
      schema: exportView,
      example: () => showExport({ id, status: 'ready', created_at: atMs, expires_at: atMs }),
    },
  },
  problems: ['not_found'],
  async handle(c) {
    return answer(200, await getExport(c.get('ctx'), c.get('principal'), idParameter(c)))
  },
})
