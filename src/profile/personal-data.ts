import { sql } from 'drizzle-orm'
import { rfc3339 } from '../core/time.ts'
import { deleteRows, type PersonalDataOwner } from '../storage/database/personal-data.ts'
import { decryptProfile, type EncryptedProfile } from '../storage/database/profile-row.ts'

/** What a person wrote about themselves. */
export const personalData: PersonalDataOwner = {
  service: 'profile',
  tables: ['user_profiles'],
  kept: {},

  async exportPersonalData({ db }, userId, key) {
    const row = await db.first(sql<EncryptedProfile & { readonly updated_at: number }>`
      SELECT full_name_enc, phone_number_enc, avatar_url_enc, bio_enc, preferences_enc, updated_at
      FROM user_profiles WHERE user_id = ${userId}`)
    if (row === undefined) return {}
    return { profile: { ...(await decryptProfile(key, userId, row)), updated_at: rfc3339(row.updated_at) } }
  },

  erasePersonalData: (userIds) => [deleteRows('user_profiles', userIds)],
}
