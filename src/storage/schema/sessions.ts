import { sql } from 'drizzle-orm'
import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { SessionId, UserId } from '../../core/ids.ts'
import type { RevokeReason } from '../../core/revoke-reason.ts'
import { users } from './users.ts'

export const sessions = sqliteTable(
  'sessions',
  {
    id: text('id').$type<SessionId>().primaryKey(),
    userId: text('user_id')
      .$type<UserId>()
      .notNull()
      .references(() => users.id),
    /** Generation of the newest refresh token of the session. */
    generation: integer('generation').notNull().default(0),
    rotatedAt: integer('rotated_at').notNull(),
    createdAt: integer('created_at').notNull(),
    lastUsedAt: integer('last_used_at').notNull(),
    expiresAt: integer('expires_at').notNull(),
    idleExpiresAt: integer('idle_expires_at').notNull(),
    revokedAt: integer('revoked_at'),
    revokeReason: text('revoke_reason').$type<RevokeReason>(),
    /** JSON array of authentication methods (RFC 8176). */
    amr: text('amr').notNull(),
    authTime: integer('auth_time').notNull(),
    deviceEnc: text('device_enc'),
    /** Keyed fingerprint of user, browser and system. Distinguishes a new device from a known one. */
    deviceIndex: text('device_index'),
    securityEpoch: integer('security_epoch').notNull(),
  },
  (table) => [
    index('sessions_user_device').on(table.userId, table.deviceIndex),
    // A refresh changes neither its columns nor its condition, so a refresh writes no row of this index.
    index('sessions_unrevoked').on(table.userId).where(sql`revoked_at IS NULL`),
    index('sessions_expires').on(table.expiresAt),
  ],
)
