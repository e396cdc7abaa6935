import { examples } from '../examples.ts'
import type { Operations } from '../operation.ts'
import { deletionSchema, meSchema, messageSchema } from '../schemas.ts'

const { password } = examples

const updateMe = {
  summary: 'Change the profile',
  description: 'A member that is absent stays as it is; null clears it.',
  headers: ['if-match'],
  body: { bio: 'Computes.' },
  answers: {
    200: {
      description: 'As it is now.',
      schema: meSchema,
      example: examples.me,
      headers: ['etag', 'x-d1-bookmark'],
    },
  },
  problems: ['precondition_failed'],
} as const

export const accountOperations = {
  'GET /api/v1/users/me': {
    id: 'getMe',
    summary: 'Read account and profile',
    headers: ['x-d1-bookmark'],
    answers: {
      200: {
        description: 'The signed-in user.',
        schema: meSchema,
        example: examples.me,
        headers: ['etag', 'x-d1-bookmark'],
      },
    },
  },
  'PUT /api/v1/users/me': { id: 'putMe', ...updateMe },
  'PATCH /api/v1/users/me': { id: 'updateMe', ...updateMe },
  'DELETE /api/v1/users/me': {
    id: 'deleteMe',
    summary: 'Delete the account',
    description: 'Every session ends at once. Until `restore_until` the owner can come back by signing in.',
    answers: {
      202: {
        description: 'Deleted, and to be erased after `purge_after`.',
        schema: deletionSchema,
        example: { status: 'deleted', purge_after: examples.at, restore_until: examples.at },
      },
    },
    problems: ['last_admin'],
  },
  'POST /api/v1/users/me/password': {
    id: 'changePassword',
    summary: 'Change the password',
    description: 'Every other session ends, and the owner is told by mail.',
    body: { current_password: password, new_password: 'a longer horse battery staple' },
    answers: { 204: { description: 'Changed.' } },
    problems: ['invalid_credentials', 'password_reset_required', 'rate_limited'],
  },
  'POST /api/v1/users/me/email': {
    id: 'changeEmail',
    summary: 'Ask for a change of the e-mail address',
    description: 'It changes when the new address confirms. Known and unknown addresses answer alike.',
    body: { new_email: 'countess@example.com' },
    answers: {
      202: {
        description: 'A link is on its way to the new address.',
        schema: messageSchema,
        example: { message: 'The address changes when the new one has confirmed.' },
      },
    },
  },
} as const satisfies Operations
