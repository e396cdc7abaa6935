import * as z from 'zod'
import { verificationView } from '../../../../operators/verification-view.ts'
import { verifyArchive } from '../../../../operators/verify-archive.ts'
import { adminRoute } from '../../../contract/admin-route.ts'
import { answer } from '../../../contract/answers.ts'
import { limitSchema } from '../../../contract/query-members.ts'

const verifySchema = z.strictObject({
  after: z
    .string()
    .regex(/^\d{1,12}$/, 'must be the next_after of a page')
    .transform(Number)
    .optional(),
  // Each segment costs two reads from R2, and a Worker may make 1,000 calls in one request.
  limit: limitSchema(100, 200),
})

export const verifyArchiveRoute = adminRoute({
  method: 'GET',
  path: '/api/v1/admin/audit/verify',
  id: 'verifyArchive',
  summary: 'Verify the audit archive, page by page',
  query: verifySchema,
  answers: {
    200: {
      description: 'The result for these segments.',
      schema: verificationView,
      example: () => ({
        ok: true,
        from: 1,
        to: 12,
        events: 340,
        head: { sequence: 12, event_count: 340 },
        unsigned_tail: false,
        finding: null,
        next_after: null,
      }),
    },
  },
  async handle(c, _, query) {
    return answer(200, await verifyArchive(c.get('ctx'), query))
  },
})
