import { exportRequestedView } from '../../../../compliance/export/export-view.ts'
import { requestExport } from '../../../../compliance/export/request-export.ts'
import type { ApiAddress } from '../../../../core/api-address.ts'
import { answer } from '../../../contract/answers.ts'
import { route } from '../../../contract/contract.ts'
import { examples } from '../../../examples/examples.ts'
import { idempotent } from '../../../idempotency.ts'

export const requestExportRoute = route({
  method: 'POST',
  path: '/api/v1/users/me/export',
  id: 'requestExport',
  area: 'Privacy',
  access: 'step-up',
  limits: { policy: 'export' },
  isIdempotent: true,
  summary: 'Request a data export',
  answers: {
    202: {
      description: 'The export is being prepared.',
      schema: exportRequestedView,
      example: () => ({ id: examples.id, status: 'pending' }),
      headers: ['location'],
    },
  },
  async handle(c) {
    const requested = await idempotent(c, exportRequestedView, () => requestExport(c.get('ctx'), c.get('principal')))
    return answer(202, requested, { location: `/api/v1/users/me/export/${requested.id}` satisfies ApiAddress })
  },
})
