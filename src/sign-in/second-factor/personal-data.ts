import { sql } from 'drizzle-orm'
import type { UserId } from '../../core/ids.ts'
import { rfc3339, rfc3339OrNull } from '../../core/time.ts'
import { deleteRows, type PersonalDataOwner } from '../../storage/database/personal-data.ts'
import { columnsOf, computed, withRows } from '../../storage/database/rows.ts'
import { factorResets, recoveryCodes, totpFactors } from '../../storage/schema/index.ts'

/** Exports and erases second factors. The export contains no secret and no code. */
export const secondFactorPersonalData: PersonalDataOwner = {
  service: 'factors',
  tables: ['totp_factors', 'recovery_codes', 'factor_resets'],
  kept: {},

  async exportPersonalData({ db }, userId) {
    const { totp, codes, resets } = await db.batch({
      totp: selectTotp(userId),
      codes: selectCodes(userId),
      resets: selectResets(userId),
    })
    return {
      second_factors: {
        totp: totp.map(({ created_at }) => ({ created_at: rfc3339(created_at) })),
        recovery_codes: codes.map(({ created_at, used_at }) => ({
          created_at: rfc3339(created_at),
          used_at: rfc3339OrNull(used_at),
        })),
        resets: resets.map(({ kinds, created_at, due_at }) => ({
          kinds,
          requested_at: rfc3339(created_at),
          due_at: rfc3339(due_at),
        })),
      },
    }
  },

  erasePersonalData: (userId) => [
    deleteRows('totp_factors', userId),
    deleteRows('recovery_codes', userId),
    deleteRows('factor_resets', userId),
  ],
}

const exportedTotp = { created_at: totpFactors.createdAt } as const

const selectTotp = (userId: UserId) =>
  withRows(exportedTotp, sql`SELECT ${columnsOf(exportedTotp)} FROM totp_factors WHERE user_id = ${userId}`)

const exportedCode = { created_at: recoveryCodes.createdAt, used_at: recoveryCodes.usedAt } as const

const selectCodes = (userId: UserId) =>
  withRows(
    exportedCode,
    sql`SELECT ${columnsOf(exportedCode)} FROM recovery_codes WHERE user_id = ${userId} ORDER BY used_at, code_hash`,
  )

const exportedReset = {
  kinds: computed.texts(sql`${factorResets.kinds}`),
  created_at: factorResets.createdAt,
  due_at: factorResets.dueAt,
} as const

const selectResets = (userId: UserId) =>
  withRows(exportedReset, sql`SELECT ${columnsOf(exportedReset)} FROM factor_resets WHERE user_id = ${userId}`)
