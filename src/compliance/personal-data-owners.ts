import { type SQL, sql } from 'drizzle-orm'
import type { UserId } from '../core/ids.ts'

export interface PersonalDataOwner {
  readonly erasePersonalData: (
    userIds: readonly UserId[],
  ) => readonly { readonly table: string; readonly statement: SQL }[]
}
const tables = [
  'user_profiles',
  'credentials',
  'sessions',
  'user_roles',
  'consents',
  'exports',
  'one_time_tokens',
  'archive_places',
]
export const personalDataOwners: readonly PersonalDataOwner[] = [
  {
    erasePersonalData: (ids) => [
      ...tables.map((table) => ({
        table,
        statement: sql`DELETE FROM ${sql.identifier(table)} WHERE user_id IN (SELECT value FROM json_each(${JSON.stringify(ids)}))`,
      })),
      {
        table: 'users',
        statement: sql`UPDATE users SET email_index='erased.'||id, email_domain_index='', email_enc='', is_verified=0, last_login_at=NULL, status='deleted', security_epoch=security_epoch+1, purge_after=NULL WHERE id IN (SELECT value FROM json_each(${JSON.stringify(ids)}))`,
      },
    ],
  },
]
