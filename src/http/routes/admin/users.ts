import * as z from 'zod'
import { roleNameSchema } from '../../../core/operator.ts'
import { emailAddressSchema, emailDomainSchema } from '../../../identity/email-address.ts'
import { getUser } from '../../../operators/get-user.ts'
import { listUsers } from '../../../operators/list-users.ts'
import type { Route } from '../../route.ts'
import { adminRoute, limitSchema, linkNextPage, timeSchema, userIdOf } from './admin-route.ts'
import { cursorSchema } from './cursor.ts'
import { isRevealComplete, revealFields, reveals } from './reveal.ts'

const searchSchema = z.strictObject({
  email: emailAddressSchema.optional(),
  email_domain: emailDomainSchema.optional(),
  status: z.enum(['active', 'suspended', 'deleted']).optional(),
  role: roleNameSchema.optional(),
  created_after: timeSchema.optional(),
  created_before: timeSchema.optional(),
  cursor: cursorSchema.optional(),
  // Each row costs a key: at worst two calls to other services.
  limit: limitSchema(20, 50),
})

export const adminUserRoutes: readonly Route[] = [
  adminRoute({
    method: 'GET',
    path: '/users',
    query: searchSchema,
    async handle(c, _, { email, email_domain, status, role, created_after, created_before, cursor, limit }) {
      const page = await listUsers(c.get('ctx'), {
        ...{ email, emailDomain: email_domain, status, role, limit },
        ...{ createdAfterMs: created_after, createdBeforeMs: created_before },
        cursor: cursor && { createdAtMs: cursor.atMs, id: cursor.id },
      })
      linkNextPage(c, page.nextCursor)
      return c.json({ users: page.items, next_cursor: page.nextCursor })
    },
  }),
  adminRoute({
    method: 'GET',
    path: '/users/:id',
    query: z.strictObject(revealFields).refine(isRevealComplete, 'reveal and reason belong together'),
    handsOutInBulk: reveals,
    async handle(c, _, { reason }) {
      return c.json(await getUser(c.get('ctx'), { userId: userIdOf(c), revealFor: reason }))
    },
  }),
]
