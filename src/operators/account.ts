import { type SQL, sql } from 'drizzle-orm'
import * as z from 'zod'
import type { UserId } from '../core/ids.ts'
import { rfc3339, rfc3339OrNull } from '../core/time.ts'
import { isResetRequired } from '../storage/database/password-reset.ts'
import { parseRoles, rolesOf } from '../storage/database/roles.ts'
import { isTombstone } from '../storage/database/tombstone.ts'

/** An account as `exportUsers` hands it out, until that reads its rows by their members as `account-view.ts` does. */
export interface Account {
  readonly id: UserId
  readonly status: 'active' | 'suspended' | 'deleted'
  readonly is_verified: boolean
  readonly roles: readonly string[]
  readonly created_at: string
  readonly last_login_at: string | null
  readonly suspended_at: string | null
  /** Null also for a suspension without an end. */
  readonly suspended_until: string | null
  readonly password_reset_required: boolean
  readonly deleted_at: string | null
  readonly purge_after: string | null
  /** The purge is over: what is left is a pseudonym. */
  readonly is_erased: boolean
  readonly legal_hold: { readonly reason: string; readonly placed_at: string } | null
}

export interface AccountRow {
  readonly id: UserId
  readonly status: Account['status']
  readonly is_verified: number
  readonly roles: string
  readonly created_at: number
  readonly last_login_at: number | null
  readonly suspended_at: number | null
  readonly suspended_until: number | null
  readonly is_reset_required: number
  readonly deleted_at: number | null
  readonly purge_after: number | null
  readonly is_erased: number
  readonly legal_hold: string | null
}

/** SQL: the columns of an `AccountRow`, of a row of `users`. What is elsewhere is looked up by primary key or index. */
export const accountColumns: SQL = sql`
  users.id, users.status, users.is_verified, users.created_at, users.last_login_at, users.suspended_at,
  users.suspended_until, users.deleted_at, users.purge_after, ${isTombstone} AS is_erased,
  ${rolesOf(sql`users.id`)} AS roles,
  ${isResetRequired()} AS is_reset_required,
  (SELECT json_object('reason', reason, 'placed_at', placed_at) FROM legal_holds WHERE user_id = users.id) AS legal_hold`

export const showAccount = (row: AccountRow): Account => ({
  id: row.id,
  status: row.status,
  is_verified: row.is_verified === 1,
  roles: parseRoles(row.roles),
  created_at: rfc3339(row.created_at),
  last_login_at: rfc3339OrNull(row.last_login_at),
  suspended_at: rfc3339OrNull(row.suspended_at),
  suspended_until: rfc3339OrNull(row.suspended_until),
  password_reset_required: row.is_reset_required === 1,
  deleted_at: rfc3339OrNull(row.deleted_at),
  purge_after: rfc3339OrNull(row.purge_after),
  is_erased: row.is_erased === 1,
  legal_hold: row.legal_hold === null ? null : showHold(holdSchema.parse(JSON.parse(row.legal_hold))),
})

const holdSchema = z.object({ reason: z.string(), placed_at: z.number() })

const showHold = ({ reason, placed_at }: z.infer<typeof holdSchema>) => ({ reason, placed_at: rfc3339(placed_at) })
