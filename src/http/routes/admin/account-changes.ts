import * as z from 'zod'
import { rolesSchema } from '../../../core/operator.ts'
import { changeRoles } from '../../../operators/change-roles.ts'
import { eraseUser } from '../../../operators/erase-user.ts'
import { holdUser } from '../../../operators/hold-user.ts'
import { reactivateUser } from '../../../operators/reactivate-user.ts'
import { requirePasswordReset } from '../../../operators/require-password-reset.ts'
import { restoreUser } from '../../../operators/restore-user.ts'
import { revokeSessions } from '../../../operators/revoke-sessions.ts'
import { suspendUser } from '../../../operators/suspend-user.ts'
import type { Route } from '../../route.ts'
import { adminRoute, operationFields, timeSchema, userIdOf } from './admin-route.ts'

const operationSchema = z.strictObject(operationFields)

/** Changes that take a reason and nothing else. */
const plainChanges = {
  reactivate: reactivateUser,
  'revoke-sessions': revokeSessions,
  'require-password-reset': requirePasswordReset,
  restore: restoreUser,
} as const

const plainRoutes: readonly Route[] = Object.entries(plainChanges).map(([name, change]) =>
  adminRoute({
    method: 'POST',
    path: `/users/:id/${name}`,
    body: operationSchema,
    async handle(c, operation) {
      return c.json(await change(c.get('ctx'), { userId: userIdOf(c), ...operation }))
    },
  }),
)

export const accountChangeRoutes: readonly Route[] = [
  ...plainRoutes,
  adminRoute({
    method: 'POST',
    path: '/users/:id/suspend',
    body: z.strictObject({ ...operationFields, suspended_until: timeSchema.nullable().default(null) }),
    async handle(c, { suspended_until, ...operation }) {
      return c.json(await suspendUser(c.get('ctx'), { userId: userIdOf(c), untilMs: suspended_until, ...operation }))
    },
  }),
  adminRoute({
    method: 'POST',
    path: '/users/:id/erase',
    body: z.strictObject({ ...operationFields, immediate: z.boolean().default(false) }),
    async handle(c, { immediate, ...operation }) {
      return c.json(await eraseUser(c.get('ctx'), { userId: userIdOf(c), isImmediate: immediate, ...operation }), 202)
    },
  }),
  adminRoute({
    method: 'POST',
    path: '/users/:id/legal-hold',
    body: z.strictObject({ ...operationFields, action: z.enum(['place', 'lift']) }),
    async handle(c, { action, ...operation }) {
      return c.json(await holdUser(c.get('ctx'), { userId: userIdOf(c), action, ...operation }))
    },
  }),
  adminRoute({
    method: 'PUT',
    path: '/users/:id/roles',
    body: z.strictObject({ ...operationFields, roles: rolesSchema }),
    async handle(c, { roles, ...operation }) {
      return c.json(await changeRoles(c.get('ctx'), { userId: userIdOf(c), roles, ...operation }))
    },
  }),
]
