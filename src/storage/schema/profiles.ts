import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { UserId } from '../../core/ids.ts'
import { users } from './users.ts'

export const userProfiles = sqliteTable('user_profiles', {
  userId: text('user_id')
    .$type<UserId>()
    .primaryKey()
    .references(() => users.id),
  fullNameEnc: text('full_name_enc'),
  phoneNumberEnc: text('phone_number_enc'),
  avatarUrlEnc: text('avatar_url_enc'),
  bioEnc: text('bio_enc'),
  preferencesEnc: text('preferences_enc'),
  /** Increases with every write, so that it can serve as the version of the profile. */
  updatedAt: integer('updated_at').notNull(),
})
