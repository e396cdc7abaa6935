import { sql } from 'drizzle-orm'
import * as z from 'zod'
import { answerSchema, orNull, time, type View } from '../core/answer-schema.ts'
import { rfc3339, rfc3339OrNull } from '../core/time.ts'
import { factorResetView, showFactorReset } from '../identity/factor-reset/factor-reset-view.ts'
import type { Row } from '../storage/database/members.ts'
import { computed } from '../storage/database/rows.ts'
import { users } from '../storage/schema/index.ts'

/** The second factors of an account, as operators see them: kinds and dates, no ids. */
export const viewedFactorsView = answerSchema('ViewedFactors', () => ({
  /** `since`: when the owner turned it on. `due_at`: from when on a rule or an operator requires it. */
  two_step: z.strictObject({ enabled: z.boolean(), since: orNull(time()), due_at: orNull(time()) }),
  totp: orNull(z.strictObject({ created_at: time() })),
  /** Passkeys and security keys. `usable`: those that are not blocked. */
  passkeys: orNull(
    z.strictObject({ usable: z.int(), blocked: z.int(), created_at: time(), last_used_at: orNull(time()) }),
  ),
  /** `left`: how many can still be used. */
  recovery_codes: orNull(z.strictObject({ left: z.int(), created_at: time() })),
  /** A reset that an operator has requested and that is not done. */
  reset: orNull(factorResetView.schema),
}))

export type ViewedFactors = View<typeof viewedFactorsView>

const ofUser = (columns: string, table: string) =>
  sql.raw(`(SELECT ${columns} FROM ${table} t WHERE t.user_id = users.id)`)

const kept = 'removed_at IS NULL'

/** Columns of a row of `users`. The rows of other tables are found by the user. */
export const factorMembers = {
  two_step_at: users.twoStepAt,
  two_step_due_at: users.twoStepDueAt,
  totp_created_at: computed.integerOrNull(ofUser('created_at', 'totp_factors')),
  passkeys_usable: computed.integer(ofUser(`count(*) FILTER (WHERE ${kept} AND suspended_at IS NULL)`, 'passkeys')),
  passkeys_blocked: computed.integer(
    ofUser(`count(*) FILTER (WHERE ${kept} AND suspended_at IS NOT NULL)`, 'passkeys'),
  ),
  passkey_created_at: computed.integerOrNull(ofUser(`max(created_at) FILTER (WHERE ${kept})`, 'passkeys')),
  passkey_used_at: computed.integerOrNull(ofUser(`max(last_used_at) FILTER (WHERE ${kept})`, 'passkeys')),
  codes_left: computed.integer(ofUser('count(*) FILTER (WHERE used_at IS NULL)', 'recovery_codes')),
  codes_created_at: computed.integerOrNull(ofUser('max(created_at)', 'recovery_codes')),
  reset_kinds: computed.textOrNull(ofUser('kinds', 'factor_resets')),
  reset_due_at: computed.integerOrNull(ofUser('due_at', 'factor_resets')),
} as const

export const showFactors = (row: Row<typeof factorMembers>): ViewedFactors => ({
  two_step: {
    enabled: row.two_step_at !== null,
    since: rfc3339OrNull(row.two_step_at),
    due_at: rfc3339OrNull(row.two_step_due_at),
  },
  totp: row.totp_created_at === null ? null : { created_at: rfc3339(row.totp_created_at) },
  passkeys: showPasskeys(row),
  recovery_codes:
    row.codes_created_at === null ? null : { left: row.codes_left, created_at: rfc3339(row.codes_created_at) },
  reset: showFactorReset(row),
})

function showPasskeys(row: Row<typeof factorMembers>): ViewedFactors['passkeys'] {
  if (row.passkey_created_at === null) return null
  return {
    usable: row.passkeys_usable,
    blocked: row.passkeys_blocked,
    created_at: rfc3339(row.passkey_created_at),
    last_used_at: rfc3339OrNull(row.passkey_used_at),
  }
}
