import { examples } from '../examples.ts'
import type { Operation, Operations } from '../operation.ts'
import { operatorExamples } from '../operator-examples.ts'
import * as schemas from '../operator-schemas.ts'

const { id, at } = examples
const { account, operation, open, cursor } = operatorExamples

/** A change of an account: who, why, and the account as it is afterwards. */
const change = (operationId: string, summary: string, more: Partial<Operation> = {}): Operation => ({
  id: operationId,
  summary,
  body: operation,
  answers: { 200: { description: 'The account as it is now.', schema: schemas.accountSchema, example: account } },
  ...more,
  problems: ['not_found', 'state_conflict', ...(more.problems ?? [])],
})

export const operatorOperations: Operations = {
  'GET /api/v1/admin/users': {
    id: 'listUsers',
    summary: 'Find accounts',
    answers: {
      200: {
        description: 'Newest first; addresses masked.',
        schema: schemas.userListSchema,
        example: { users: [operatorExamples.listedUser], next_cursor: cursor },
        headers: ['link'],
      },
    },
  },
  'GET /api/v1/admin/users/:id': {
    id: 'getUser',
    summary: 'See one account',
    description: '`reveal=true` with a `reason` shows personal data unmasked; it needs a recent sign-in.',
    answers: {
      200: {
        description: 'The account, masked unless revealed.',
        schema: schemas.viewedUserSchema,
        example: operatorExamples.viewedUser,
      },
    },
    problems: ['not_found', 'step_up_required'],
  },
  'GET /api/v1/admin/users/:id/lock': {
    id: 'getLock',
    summary: 'See what is counted about a person',
    answers: {
      200: {
        description: 'Counts that have not run out.',
        schema: schemas.lockListSchema,
        example: {
          locks: [
            { kind: 'lock', policy: 'sign-in', by: 'email', count: 10, quota: 10, is_blocked: true, ends_at: at },
          ],
        },
      },
    },
    problems: ['not_found'],
  },
  'POST /api/v1/admin/users/:id/clear-lock': {
    id: 'clearLock',
    summary: 'Let a person who failed too often try again',
    body: operation,
    answers: {
      200: { description: 'How many counts were cleared.', schema: schemas.clearedSchema, example: { cleared: 1 } },
    },
    problems: ['not_found'],
  },
  'POST /api/v1/admin/users/:id/suspend': change('suspendUser', 'Suspend an account', {
    description: 'Every session ends at once. `suspended_until` ends it by itself.',
    problems: ['last_admin'],
  }),
  'POST /api/v1/admin/users/:id/reactivate': change('reactivateUser', 'End a suspension'),
  'POST /api/v1/admin/users/:id/revoke-sessions': change('revokeSessions', 'End every session of an account'),
  'POST /api/v1/admin/users/:id/require-password-reset': change(
    'requirePasswordReset',
    'Let the password be reset before the next sign-in',
  ),
  'POST /api/v1/admin/users/:id/restore': change('restoreUser', 'Take a deletion back within its grace period'),
  'POST /api/v1/admin/users/:id/erase': change('eraseUser', 'Delete an account', {
    description: 'With `immediate` without a grace period.',
    answers: { 202: { description: 'The account as it is now.', schema: schemas.accountSchema, example: account } },
    problems: ['last_admin'],
  }),
  'POST /api/v1/admin/users/:id/legal-hold': change('holdUser', 'Block a purge, or lift the block', {
    body: { ...operation, action: 'place' },
  }),
  'PUT /api/v1/admin/users/:id/roles': change('changeRoles', 'Set the roles of an account', {
    body: { ...operation, roles: ['analyst'] },
    problems: ['last_admin'],
  }),
  'GET /api/v1/admin/audit': {
    id: 'listAuditEvents',
    summary: 'Read the audit trail',
    description:
      'Nothing that happened from `complete_since` on is missing; what is older may be in the archive alone. CSV with `Accept: text/csv`.',
    answers: {
      200: {
        description: 'Newest first.',
        schema: schemas.auditPageSchema,
        example: {
          events: [
            {
              ...{ id, occurred_at: at, action: 'user.signed_in', outcome: 'success', actor_type: 'user' },
              ...{ actor_id: id, subject_id: id, request_id: id, detail: null, is_archived: true },
            },
          ],
          next_cursor: id,
          complete_since: at,
        },
        type: 'text/csv',
        headers: ['link'],
      },
    },
    problems: ['step_up_required'],
  },
  'GET /api/v1/admin/audit/verify': {
    id: 'verifyArchive',
    summary: 'Verify the audit archive, page by page',
    answers: {
      200: {
        description: 'What was found in these segments.',
        schema: schemas.verificationSchema,
        example: {
          ...{ ok: true, from: 1, to: 12, events: 340, head: { sequence: 12, event_count: 340 } },
          ...{ unsigned_tail: false, finding: null, next_after: null },
        },
      },
    },
  },
  'GET /api/v1/admin/erasures': {
    id: 'listErasures',
    summary: 'List erasures in a state',
    answers: {
      200: {
        description: 'Open ones as they are due, completed ones newest first.',
        schema: schemas.erasureListSchema,
        example: { erasures: [operatorExamples.erasure], next_cursor: cursor },
        headers: ['link'],
      },
    },
  },
  'POST /api/v1/admin/erasures/run': {
    id: 'runErasures',
    summary: 'Ask for a purge, or what it would take',
    body: { reason: 'maintenance', dry_run: true },
    answers: {
      200: {
        description: 'Dry: the counts, and nothing else.',
        schema: schemas.runAnswerSchema,
        example: { dry_run: true, ...open },
      },
      202: {
        description: 'The purge begins within five minutes.',
        schema: schemas.runAnswerSchema,
        example: { dry_run: false, ...open },
      },
    },
  },
  'GET /api/v1/admin/erasures/:user_id/receipt': {
    id: 'getReceipt',
    summary: 'Get the signed receipt of an erasure',
    answers: {
      200: {
        description: 'Compact JWS; `npm run receipt:verify` checks it.',
        schema: schemas.receiptSchema,
        example: { user_id: id, completed_at: at, receipt: 'eyJhbGciOiJFUzI1NiJ9…' },
      },
    },
    problems: ['not_found'],
  },
  'GET /api/v1/admin/stats': {
    id: 'getStats',
    summary: 'Figures of the service',
    answers: {
      200: {
        description: 'Totals, and rates of the last hour and day.',
        schema: schemas.statsSchema,
        example: {
          ...{ users: { active: 120, admins: 2 }, registered_last_day: 4, last_hour: { 'user.signed_in': 31 } },
          ...{ erasures: open, jobs: [{ job: 'purge', last_finished_at: at }] },
          audit: { archived_events: 340, segments: 12, late_events: 0, dead_letters: 0 },
          mail: { open_jobs: 0, oldest_open_at: null },
        },
      },
    },
  },
  'GET /api/v1/admin/keys': {
    id: 'getKeyProgress',
    summary: 'What stands under each root key, and how far a rotation is',
    answers: {
      200: {
        description: 'Counted from indexes; data keys as the last whole walk through the vault found them.',
        schema: schemas.keyProgressSchema,
        example: {
          current_version: 2,
          versions: [
            {
              ...{ version: 2, state: 'current', is_trusted: true, first_seen_at: at },
              ...{ wrapped_keys: 120, indexes: 120, passwords: 90 },
            },
            {
              ...{ version: 1, state: 'in_use', is_trusted: true, first_seen_at: at },
              ...{ wrapped_keys: 0, indexes: 0, passwords: 30 },
            },
          ],
          passwords_without_pepper: 0,
          sessions_settled_at: at,
          signing: { current: '2.2026-11', published: ['2.2026-10', '2.2026-11', '2.2026-12'], revoked: [] },
          runs: [{ job: 'rewrap-keys', started_at: at, finished_at: at, counts: { rewrapped: 120, version_2: 120 } }],
        },
      },
    },
  },
}
