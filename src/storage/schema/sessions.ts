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
    /**
     * Keyed fingerprint of the session and of the network and device that used it last. A refresh from the
     * same ones is not recorded. Null in a session that an earlier version started.
     */
    clientIndex: text('client_index'),
    /**
     * Id of the newest event that a use of the session left: its sign-in, or a recorded refresh. The id
     * begins with the time, and only the refresh that wrote it records its event. Null like `client_index`.
     */
    lastEventId: text('last_event_id'),
    /**
     * The passkey that opened the session, or else the first that stepped it up or was added in it, as
     * `passkeys.id`. Null without one.
     */
    passkeyId: text('passkey_id'),
    /**
     * The session of the service's pages that an application continues with this one. Null in a session of
     * its own, and in one that version 0.2.0 started.
     */
    continuedSessionId: text('continued_session_id').$type<SessionId>(),
    /** Refreshes counted in the current window. The next column is the end of that window. */
    refreshCount: integer('refresh_count').notNull().default(0),
    refreshesCountedUntil: integer('refreshes_counted_until').notNull().default(0),
  },
  (table) => [
    index('sessions_user_device').on(table.userId, table.deviceIndex),
    // A refresh changes neither its columns nor its condition, so a refresh writes no row of this index.
    index('sessions_unrevoked').on(table.userId).where(sql`revoked_at IS NULL`),
    index('sessions_expires').on(table.expiresAt),
  ],
)
