import * as z from 'zod'
import { importedLineSchema } from '../../../identity/imports/parse-imported-user.ts'
import { continueImport } from '../../../operators/imports/continue-import.ts'
import { finishImport } from '../../../operators/imports/finish-import.ts'
import { getImport } from '../../../operators/imports/get-import.ts'
import { startImport } from '../../../operators/imports/start-import.ts'
import { idParameter } from '../../id-parameter.ts'
import type { Route } from '../../route.ts'
import { ADMIN_PATH, adminRoute, limitSchema, linkNextPage, operationFields, reasonSchema } from './admin-route.ts'

/** Each takes an Argon2id hash and a key in the vault: two seconds of CPU and some two hundred calls in all. */
const MAX_LINES = 50

const linesSchema = z.strictObject({
  reason: reasonSchema,
  first_line: z.int().min(1).max(1_000_000_000),
  /** Judged one by one, so that one bad line does not hold up the others. */
  users: z.array(importedLineSchema).min(1).max(MAX_LINES),
})

const reportSchema = z.strictObject({
  cursor: z
    .string()
    .regex(/^\d{1,10}$/, 'must be the next_cursor of a page')
    .transform(Number)
    .optional(),
  limit: limitSchema(100, 500),
})

export const adminImportRoutes: readonly Route[] = [
  adminRoute({
    method: 'POST',
    path: '/imports',
    body: z.strictObject(operationFields),
    async handle(c, operation) {
      const started = await startImport(c.get('ctx'), operation)
      return c.json(started, 201, { location: `${ADMIN_PATH}/imports/${started.id}` })
    },
  }),
  adminRoute({
    method: 'POST',
    path: '/imports/:id/users',
    limits: { policy: 'import-users', isCountedWithWork: true },
    body: linesSchema,
    async handle(c, { reason, first_line: firstLine, users }) {
      return c.json(await continueImport(c.get('ctx'), { importId: idParameter(c), reason, firstLine, users }))
    },
  }),
  adminRoute({
    method: 'POST',
    path: '/imports/:id/finish',
    body: z.strictObject(operationFields),
    async handle(c, operation) {
      return c.json(await finishImport(c.get('ctx'), { importId: idParameter(c), ...operation }))
    },
  }),
  adminRoute({
    method: 'GET',
    path: '/imports/:id',
    query: reportSchema,
    async handle(c, _, { cursor, limit }) {
      const { view, refusals } = await getImport(c.get('ctx'), { importId: idParameter(c), after: cursor ?? 0, limit })
      linkNextPage(c, refusals.nextCursor)
      return c.json({ ...view, refusals: refusals.items, next_cursor: refusals.nextCursor })
    },
  }),
]
