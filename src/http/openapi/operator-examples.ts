import { examples } from './examples.ts'

const { id, at } = examples

const account = {
  ...{ id, status: 'active', is_verified: true, roles: [], created_at: at, last_login_at: at },
  ...{ suspended_at: null, suspended_until: null, password_reset_required: false },
  ...{ deleted_at: null, purge_after: null, is_erased: false, legal_hold: null },
} as const

const open = { open: { pending: 3, due: 1, held: 0, failed: 0 }, oldest_due_at: at }

/** Invented values of what operators see. */
export const operatorExamples = {
  account,
  listedUser: { ...account, email: 'a…@example.com' },
  viewedUser: {
    ...account,
    email: 'a…@example.com',
    profile: { full_name: 'A…', phone_number: null, avatar_url: null, bio: null, preferences: null },
    ...{ has_password: true, live_sessions: 1, erasure: null, data_key: 'found', is_revealed: false },
  },
  erasure: {
    ...{ user_id: id, state: 'due', basis: 'user_request', requested_at: at, due_at: at },
    ...{ started_at: null, completed_at: null },
  },
  open,
  operation: { reason: 'support_case', note: 'Case 4711' },
  cursor: `1795495431691.${id}`,
} as const
