import { sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { requireLive, type SessionRef, selectAtAnyLevel, standingFor } from '../../storage/database/live-session.ts'
import { computed } from '../../storage/database/rows.ts'
import { type FactorsView, showOwnFactors } from './factors-view.ts'

const ofUser = (columns: string, table: string) =>
  sql.raw(`(SELECT ${columns} FROM ${table} t WHERE t.user_id = users.id)`)

const factorMembers = {
  has_password: computed.flag(sql`${ofUser('password_hash', 'credentials')} IS NOT NULL`),
  password_changed_at: computed.integerOrNull(ofUser('changed_at', 'credentials')),
  totp_created_at: computed.integerOrNull(ofUser('created_at', 'totp_factors')),
  codes_left: computed.integer(ofUser('count(*) FILTER (WHERE used_at IS NULL)', 'recovery_codes')),
  codes_created_at: computed.integerOrNull(ofUser('max(created_at)', 'recovery_codes')),
  reset_kinds: computed.textOrNull(ofUser('kinds', 'factor_resets')),
  reset_due_at: computed.integerOrNull(ofUser('due_at', 'factor_resets')),
} as const

/**
 * What the signed-in user can sign in with. One statement, which finds the rows of each table by the user.
 * @throws AppError `invalid_access_token`
 */
export async function getFactors({ db, now }: Pick<Context, 'db' | 'now'>, ref: SessionRef): Promise<FactorsView> {
  const row = await db.first(selectAtAnyLevel(ref, { ...standingFor(ref, now), ...factorMembers }, now))
  return showOwnFactors(requireLive(ref, row, now))
}
