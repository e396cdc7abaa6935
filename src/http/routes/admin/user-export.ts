import * as z from 'zod'
import { exportUsers } from '../../../operators/export-users.ts'
import type { Route } from '../../route.ts'
import { adminRoute, operationFields } from './admin-route.ts'
import { cursorSchema } from './cursor.ts'

const exportSchema = z.strictObject({
  ...operationFields,
  with_password_hashes: z.boolean().default(false),
  cursor: cursorSchema.optional(),
  // Each costs a key: at worst two calls to other services.
  limit: z.int().min(1).max(100).default(50),
})

export const adminUserExportRoutes: readonly Route[] = [
  adminRoute({
    method: 'POST',
    path: '/user-export',
    handsOutInBulk: 'always',
    body: exportSchema,
    async handle(c, { with_password_hashes: withPasswordHashes, cursor, ...request }) {
      const page = await exportUsers(c.get('ctx'), {
        ...request,
        withPasswordHashes,
        cursor: cursor && { createdAtMs: cursor.atMs, id: cursor.id },
      })
      return c.json({ users: page.items, next_cursor: page.nextCursor })
    },
  }),
]
