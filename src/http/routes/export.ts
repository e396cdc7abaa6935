import * as z from 'zod'
import { downloadExport } from '../../compliance/export/download-export.ts'
import { exportStatuses } from '../../compliance/export/export-view.ts'
import { getExport } from '../../compliance/export/get-export.ts'
import { requestExport } from '../../compliance/export/request-export.ts'
import { idParameter } from '../id-parameter.ts'
import { once } from '../once.ts'
import { route } from '../route.ts'

const PATH = '/api/v1/users/me/export'

const requestedSchema = z.object({ id: z.string(), status: z.enum(exportStatuses) })

export const exportRoutes = [
  route({
    method: 'POST',
    path: PATH,
    access: 'step-up',
    limits: { policy: 'export' },
    isIdempotent: true,
    async handle(c) {
      const { id, status } = await once(c, requestedSchema, () => requestExport(c.get('ctx'), c.get('principal')))
      return c.json({ id, status }, 202, { location: `${PATH}/${id}` })
    },
  }),
  route({
    method: 'GET',
    path: `${PATH}/:id`,
    access: 'bearer',
    async handle(c) {
      const shown = await getExport(c.get('ctx'), c.get('principal'), idParameter(c))
      return c.json({ ...shown, ...(shown.status === 'ready' && { download: `${PATH}/${shown.id}/download` }) })
    },
  }),
  route({
    method: 'GET',
    path: `${PATH}/:id/download`,
    access: 'step-up',
    handsOutInBulk: 'always',
    async handle(c) {
      const id = idParameter(c)
      return c.body(await downloadExport(c.get('ctx'), c.get('principal'), id), 200, {
        'content-type': 'application/json; charset=utf-8',
        'content-disposition': `attachment; filename="latchkey-export-${id}.json"`,
      })
    },
  }),
]
