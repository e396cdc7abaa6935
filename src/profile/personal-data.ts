import { sql } from 'drizzle-orm'
import { rfc3339 } from '../core/time.ts'
import { deleteRows, type PersonalDataOwner } from '../storage/database/personal-data.ts'
import { decryptProfile, profileColumns } from '../storage/database/profile-row.ts'
import { columnsOf, withRows } from '../storage/database/rows.ts'
import { userProfiles } from '../storage/schema/index.ts'

const exported = { ...profileColumns, updated_at: userProfiles.updatedAt } as const

/** Exports and erases the profile. */
export const profilePersonalData: PersonalDataOwner = {
  service: 'profile',
  tables: ['user_profiles'],
  kept: {},

  async exportPersonalData({ db }, userId, key) {
    const row = await db.first(
      withRows(exported, sql`SELECT ${columnsOf(exported)} FROM user_profiles WHERE user_id = ${userId}`),
    )
    if (row === undefined) return {}
    return { profile: { ...(await decryptProfile(key, userId, row)), updated_at: rfc3339(row.updated_at) } }
  },

  erasePersonalData: (userId) => [deleteRows('user_profiles', userId)],
}
