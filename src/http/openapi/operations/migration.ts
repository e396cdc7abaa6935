import { examples } from '../examples.ts'
import type { Operations } from '../operation.ts'
import * as schemas from '../operator-schemas.ts'

const { id, at } = examples

const view = { id, started_at: at, updated_at: at, finished_at: null, next_line: 1, imported: 0, refused: 0 }
const continued = { ...view, next_line: 51, imported: 49, refused: 1 }
const refusal = { line: 12, code: 'hash_unsupported', member: 'password_hash' }
const exportedUser = {
  ...{ id, is_readable: true, email: 'ada@example.com', is_verified: true, status: 'active', roles: [] },
  ...{ created_at: at, last_login_at: at, suspended_at: null, suspended_until: null, password_reset_required: false },
  ...{ deleted_at: null, purge_after: null, erasure_basis: null, legal_hold: null },
  ...{ full_name: 'Ada Lovelace', phone_number: null, avatar_url: null },
  ...{ bio: null, preferences: null, identities: [{ provider: 'google', provider_id: '1098' }] },
}
const operation = { reason: 'maintenance', note: 'Moving in from the old shop' }

export const migrationOperations: Operations = {
  'POST /api/v1/admin/imports': {
    id: 'startImport',
    summary: 'Open an import of users',
    body: operation,
    answers: {
      201: { description: 'An empty import.', schema: schemas.importSchema, example: view, headers: ['location'] },
    },
  },
  'POST /api/v1/admin/imports/:id/users': {
    id: 'importUsers',
    summary: 'Take over the users of some lines',
    description:
      'At most 50 users, which are the lines from `first_line` on. Lines that came before change nothing: their outcome is told again. A refused line does not hold up the others. A line tells whether its user was suspended or deleted: without `status` it is somebody who may sign in.',
    body: {
      reason: 'maintenance',
      first_line: 1,
      users: [
        {
          ...{ email: 'ada@example.com', is_verified: true, created_at: '2019-04-01T12:00:00Z' },
          password_hash: '$2b$10$92IXUNpkjO0rOQ5byMi.Ye4oKoEa3Ro9llC/.og/at2.uheWG/igi',
          full_name: 'Ada Lovelace',
        },
      ],
    },
    answers: {
      200: {
        description: 'What came of each line.',
        schema: schemas.importedLinesSchema,
        example: { next_line: 2, imported: [{ line: 1, id }], refused: [] },
      },
    },
    problems: ['not_found', 'state_conflict'],
  },
  'POST /api/v1/admin/imports/:id/finish': {
    id: 'finishImport',
    summary: 'Close an import',
    body: operation,
    answers: {
      200: {
        description: 'The import.',
        schema: schemas.importSchema,
        example: { ...continued, finished_at: at },
      },
    },
    problems: ['not_found', 'state_conflict'],
  },
  'GET /api/v1/admin/imports/:id': {
    id: 'getImport',
    summary: 'See how far an import is, and what it refused',
    answers: {
      200: {
        description: 'Refusals in the order of the lines.',
        schema: schemas.importReportSchema,
        example: { ...continued, refusals: [refusal], next_cursor: null },
        headers: ['link'],
      },
    },
    problems: ['not_found'],
  },
  'POST /api/v1/admin/user-export': {
    id: 'exportUsers',
    summary: 'Hand out whole users, page by page, to leave again',
    description:
      'Unmasked, oldest first, without those who were erased; recorded in the trail of each of them. Ask for the next page with `cursor`.',
    body: { reason: 'maintenance', with_password_hashes: false, limit: 50 },
    answers: {
      200: {
        description: 'A page; the last one has no `next_cursor`.',
        schema: schemas.exportedUsersSchema,
        example: { users: [exportedUser], next_cursor: null },
      },
    },
  },
}
