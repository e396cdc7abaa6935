import * as z from 'zod'
import { exportUsers } from '../../../operators/export-users.ts'
import { exportedUsersView } from '../../../operators/exported-user-view.ts'
import { adminRoute, operationFields } from '../../contract/admin-route.ts'
import { answer } from '../../contract/answers.ts'
import { cursorSchema } from '../../contract/query-members.ts'
import { userImportExamples } from '../../examples/user-import-examples.ts'

const exportSchema = z.strictObject({
  ...operationFields,
  with_password_hashes: z.boolean().default(false),
  cursor: cursorSchema.optional(),
  // Each costs a key: at worst two calls to other services.
  limit: z.int().min(1).max(100).default(50),
})

export const exportUsersRoute = adminRoute({
  method: 'POST',
  path: '/api/v1/admin/user-export',
  id: 'exportUsers',
  area: 'Moving',
  handsOutInBulk: 'always',
  summary: 'Hand out whole users, page by page, to leave again',
  description:
    'Unmasked, oldest first, without those who were erased; recorded in the trail of each of them. Ask for the next page with `cursor`.',
  body: exportSchema,
  example: () => ({ reason: 'maintenance', with_password_hashes: false, limit: 50 }),
  answers: {
    200: {
      description: 'A page; the last one has no `next_cursor`.',
      schema: exportedUsersView,
      example: () => ({ users: [userImportExamples.exportedUser()], next_cursor: null }),
    },
  },
  async handle(c, { with_password_hashes: withPasswordHashes, cursor, ...request }) {
    const page = await exportUsers(c.get('ctx'), {
      ...request,
      withPasswordHashes,
      cursor: cursor && { createdAtMs: cursor.atMs, id: cursor.id },
    })
    return answer(200, page)
  },
})
