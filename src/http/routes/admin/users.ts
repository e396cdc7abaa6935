import * as z from 'zod'
import { roleNameSchema } from '../../../core/operator.ts'
import { userStatuses } from '../../../core/user-status.ts'
import { emailAddressSchema, emailDomainSchema } from '../../../identity/email/email-address.ts'
import { listUsers } from '../../../operators/list-users.ts'
import { maskEmail } from '../../../operators/mask.ts'
import { userListView } from '../../../operators/user-views.ts'
import { adminRoute } from '../../contract/admin-route.ts'
import { answer } from '../../contract/answers.ts'
import { cursorSchema, limitSchema, nextPageLink, timeSchema } from '../../contract/query-members.ts'
import { examples } from '../../examples/examples.ts'
import { operatorExamples } from '../../examples/operator-examples.ts'

const searchSchema = z.strictObject({
  email: emailAddressSchema.optional(),
  email_domain: emailDomainSchema.optional(),
  status: z.enum(userStatuses).optional(),
  role: roleNameSchema.optional(),
  created_after: timeSchema.optional(),
  created_before: timeSchema.optional(),
  cursor: cursorSchema.optional(),
  // Each row needs a data key, which takes up to two calls to other services.
  limit: limitSchema(20, 50),
})

export const listUsersRoute = adminRoute({
  method: 'GET',
  path: '/api/v1/admin/users',
  id: 'listUsers',
  summary: 'Search accounts',
  query: searchSchema,
  answers: {
    200: {
      description: 'A page of accounts, newest first, with masked e-mail addresses.',
      schema: userListView,
      example: () => ({
        users: [{ ...operatorExamples.account(), email: maskEmail(examples.email) }],
        next_cursor: operatorExamples.cursor,
      }),
      headers: ['link'],
    },
  },
  async handle(c, _, { email, email_domain, status, role, created_after, created_before, cursor, limit }) {
    const page = await listUsers(c.get('ctx'), {
      email,
      emailDomain: email_domain,
      status,
      role,
      limit,
      createdAfterMs: created_after,
      createdBeforeMs: created_before,
      cursor: cursor && { createdAtMs: cursor.atMs, id: cursor.id },
    })
    return answer(200, page, nextPageLink(c, page.next_cursor))
  },
})
