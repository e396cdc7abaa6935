import * as z from 'zod'
import { erasureStates } from '../../../compliance/erasure/erasure-state.ts'
import { getReceipt } from '../../../operators/get-receipt.ts'
import { listErasures } from '../../../operators/list-erasures.ts'
import { runErasures } from '../../../operators/run-erasures.ts'
import { once } from '../../once.ts'
import type { Route } from '../../route.ts'
import { adminRoute, limitSchema, linkNextPage, operationFields, userIdOf } from './admin-route.ts'
import { cursorSchema } from './cursor.ts'

const searchSchema = z.strictObject({
  state: z.enum(erasureStates).default('due'),
  cursor: cursorSchema.optional(),
  limit: limitSchema(50, 200),
})

const runSchema = z.object({
  dry_run: z.boolean(),
  open: z.record(z.string(), z.number()),
  oldest_due_at: z.string().nullable(),
})

export const adminErasureRoutes: readonly Route[] = [
  adminRoute({
    method: 'GET',
    path: '/erasures',
    query: searchSchema,
    async handle(c, _, query) {
      const page = await listErasures(c.get('ctx'), query)
      linkNextPage(c, page.nextCursor)
      return c.json({ erasures: page.items, next_cursor: page.nextCursor })
    },
  }),
  adminRoute({
    method: 'POST',
    path: '/erasures/run',
    isIdempotent: true,
    body: z.strictObject({ ...operationFields, dry_run: z.boolean().default(false) }),
    async handle(c, { dry_run, ...operation }) {
      const answer = await once(c, runSchema, () => runErasures(c.get('ctx'), { isDryRun: dry_run, ...operation }))
      return c.json(answer, dry_run ? 200 : 202)
    },
  }),
  adminRoute({
    method: 'GET',
    path: '/erasures/:user_id/receipt',
    async handle(c) {
      return c.json(await getReceipt(c.get('ctx'), userIdOf(c, 'user_id')))
    },
  }),
]
