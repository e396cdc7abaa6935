import * as z from 'zod'
import { erasureRunView } from '../../../../operators/erasure-run-view.ts'
import { runErasures } from '../../../../operators/run-erasures.ts'
import { adminRoute, reasonFields } from '../../../contract/admin-route.ts'
import { answer } from '../../../contract/answers.ts'
import { operatorExamples } from '../../../examples/operator-examples.ts'
import { idempotent } from '../../../idempotency.ts'

export const runErasuresRoute = adminRoute({
  method: 'POST',
  path: '/api/v1/admin/erasures/run',
  id: 'runErasures',
  summary: 'Request a purge, or preview it',
  isIdempotent: true,
  body: z.strictObject({ ...reasonFields, dry_run: z.boolean().default(false) }),
  example: () => ({ reason: 'maintenance', dry_run: true }),
  answers: {
    200: {
      description: 'With `dry_run`: the counts. Nothing is erased.',
      schema: erasureRunView,
      example: () => ({ dry_run: true, ...operatorExamples.openErasures() }),
    },
    202: {
      description: 'The purge starts within five minutes.',
      schema: erasureRunView,
      example: () => ({ dry_run: false, ...operatorExamples.openErasures() }),
    },
  },
  async handle(c, { dry_run: isDryRun, ...operation }) {
    const run = await idempotent(c, erasureRunView, () => runErasures(c.get('ctx'), { isDryRun, ...operation }))
    return answer(run.dry_run ? 200 : 202, run)
  },
})
