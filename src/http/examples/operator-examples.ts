import { type Account, showAccount } from '../../operators/account-view.ts'
import { showOpenErasures } from '../../operators/count-open-erasures.ts'
import { type Erasure, showErasure } from '../../operators/erasure-view.ts'
import { examples } from './examples.ts'

const { id, atMs } = examples

/** Invented answers of operators' routes, built by the code that builds the real answers. */
export const operatorExamples = {
  operation: { reason: 'support_case', note: 'Case 4711' },
  cursor: `${atMs}.${id}`,
  account: (): Account =>
    showAccount({
      id,
      status: 'active',
      is_verified: true,
      roles: [],
      created_at: atMs,
      last_login_at: atMs,
      suspended_at: null,
      suspended_until: null,
      is_reset_required: false,
      two_step_at: null,
      two_step_due_at: null,
      deleted_at: null,
      purge_after: null,
      is_erased: false,
      legal_hold: null,
    }),
  erasure: (): Erasure =>
    showErasure({
      user_id: id,
      state: 'due',
      basis: 'user_request',
      requested_at: atMs,
      due_at: atMs,
      started_at: null,
      completed_at: null,
    }),
  openErasures: () =>
    showOpenErasures([
      { state: 'pending', erasures: 3, oldest_due_at: atMs },
      { state: 'due', erasures: 1, oldest_due_at: atMs },
    ]),
} as const
