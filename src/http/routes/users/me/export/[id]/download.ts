import { downloadExport } from '../../../../../../compliance/export/download-export.ts'
import { exportBundleView } from '../../../../../../compliance/export/export-view.ts'
import { route } from '../../../../../contract/contract.ts'
import { examples } from '../../../../../examples/examples.ts'
import { idParameter } from '../../../../../id-parameter.ts'

export const downloadExportRoute = route({
  method: 'GET',
  path: '/api/v1/users/me/export/:id/download',
  id: 'downloadExport',
  area: 'Privacy',
  access: 'step-up',
  handsOutInBulk: 'always',
  summary: 'Download a data export',
  answers: {
    200: {
      description: 'The data, and a manifest of what is stored where, why and for how long.',
      schema: exportBundleView,
      example: () => ({ manifest: { format: 'latchkey-export/1', subject: examples.id } }),
      raw: true,
    },
  },
  problems: ['not_found'],
  async handle(c) {
    const id = idParameter(c)
    return c.body(await downloadExport(c.get('ctx'), c.get('principal'), id), 200, {
      'content-type': 'application/json; charset=utf-8',
      'content-disposition': `attachment; filename="latchkey-export-${id}.json"`,
    })
  },
})
