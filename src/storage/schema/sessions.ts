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
    /** Number of the newest refresh token of the family. */
    generation: integer('generation').notNull().default(0),
    rotatedAt: integer('rotated_at').notNull(),
    createdAt: integer('created_at').notNull(),
    lastUsedAt: integer('last_used_at').notNull(),
    expiresAt: integer('expires_at').notNull(),
    idleExpiresAt: integer('idle_expires_at').notNull(),
    revokedAt: integer('revoked_at'),
    revokeReason: text('revoke_reason').$type<RevokeReason>(),
    /** JSON array of RFC 8176 method names. */
    amr: text('amr').notNull(),
    authTime: integer('auth_time').notNull(),
    deviceEnc: text('device_enc'),
    /** Fingerprint of person, browser and system, under a key: tells a new device from a known one. */
    deviceIndex: text('device_index'),
    securityEpoch: integer('security_epoch').notNull(),
  },
  (table) => [
    index('sessions_user_device').on(table.userId, table.deviceIndex),
    // Neither columns nor condition change in a refresh, so it writes no row of this index.
    index('sessions_unrevoked').on(table.userId).where(sql`revoked_at IS NULL`),
    index('sessions_expires').on(table.expiresAt),
  ],
)
