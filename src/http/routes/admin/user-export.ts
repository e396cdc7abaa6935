import * as z from 'zod'
import { exportUsers } from '../../../operators/export-users.ts'
import { exportedUsersView } from '../../../operators/exported-user-view.ts'
import { adminRoute, reasonFields } from '../../contract/admin-route.ts'
import { answer } from '../../contract/answers.ts'
import { cursorSchema } from '../../contract/query-members.ts'
import { userImportExamples } from '../../examples/user-import-examples.ts'

const exportSchema = z.strictObject({
  ...reasonFields,
  with_password_hashes: z.boolean().default(false),
  with_factors: z.boolean().default(false),
  cursor: cursorSchema.optional(),
  // Each user needs a data key, which takes up to two calls to other services.
  limit: z.int().min(1).max(100).default(50),
})

export const exportUsersRoute = adminRoute({
  method: 'POST',
  path: '/api/v1/admin/user-export',
  id: 'exportUsers',
  area: 'User import and export',
  handsOutInBulk: 'always',
  summary: 'Export users, page by page',
  description:
    'Complete users, unmasked, oldest first; erased users are left out. The audit trail of each user records the export. `with_factors` adds the secrets of authenticator apps, with which codes are made. Send `cursor` to get the next page.',
  body: exportSchema,
  example: () => ({ reason: 'maintenance', with_password_hashes: false, with_factors: false, limit: 50 }),
  answers: {
    200: {
      description: 'A page of users; `next_cursor` is null on the last page.',
      schema: exportedUsersView,
      example: () => ({ users: [userImportExamples.exportedUser()], next_cursor: null }),
    },
  },
  async handle(c, { with_password_hashes: withPasswordHashes, with_factors: withFactors, cursor, ...request }) {
    const page = await exportUsers(c.get('ctx'), {
      ...request,
      withPasswordHashes,
      withFactors,
      cursor: cursor && { createdAtMs: cursor.atMs, id: cursor.id },
    })
    return answer(200, page)
  },
})
