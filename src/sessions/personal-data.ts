import { sql } from 'drizzle-orm'
import { acrOf } from '../core/assurance.ts'
import type { UserId } from '../core/ids.ts'
import { rfc3339, rfc3339OrNull } from '../core/time.ts'
import type { Row } from '../storage/database/members.ts'
import { openTokenPayload } from '../storage/database/one-time-tokens.ts'
import { deleteRows, type PersonalDataOwner } from '../storage/database/personal-data.ts'
import { columnsOf, computed, withRows } from '../storage/database/rows.ts'
import { openSubject } from '../storage/database/social-logins.ts'
import { oauthFlows, oneTimeTokens, sessions } from '../storage/schema/index.ts'
import { decryptDevice } from './session-device.ts'

/**
 * Exports and erases sessions, one-time tokens and pending identity links. The token values themselves are
 * not stored, so the export contains none.
 */
export const sessionsPersonalData: PersonalDataOwner = {
  service: 'auth',
  tables: ['one_time_tokens', 'oauth_flows', 'sessions'],
  kept: {},

  async exportPersonalData({ db }, userId, key) {
    const rows = await db.batch({
      sessions: selectSessions(userId),
      tokens: selectTokens(userId),
      flows: selectFlows(userId),
    })
    return {
      sessions: await Promise.all(rows.sessions.map((row) => describeSession(key, userId, row))),
      one_time_tokens: await Promise.all(rows.tokens.map((row) => describeToken(key, userId, row))),
      oauth_flows: await Promise.all(rows.flows.map((row) => describeFlow(key, userId, row))),
    }
  },

  erasePersonalData: (userId) => [
    deleteRows('one_time_tokens', userId),
    deleteRows('oauth_flows', userId),
    deleteRows('sessions', userId),
  ],
}

const keptSession = {
  id: sessions.id,
  created_at: sessions.createdAt,
  last_used_at: sessions.lastUsedAt,
  expires_at: sessions.expiresAt,
  idle_expires_at: sessions.idleExpiresAt,
  revoked_at: sessions.revokedAt,
  revoke_reason: sessions.revokeReason,
  amr: computed.texts(sql`${sessions.amr}`),
  auth_time: sessions.authTime,
  device_enc: sessions.deviceEnc,
  continued_session_id: sessions.continuedSessionId,
} as const

const selectSessions = (userId: UserId) =>
  withRows(
    keptSession,
    sql`SELECT ${columnsOf(keptSession)} FROM sessions WHERE user_id = ${userId} ORDER BY created_at`,
  )

async function describeSession(key: CryptoKey, userId: UserId, row: Row<typeof keptSession>) {
  const device = await decryptDevice(key, { userId, sessionId: row.id }, row.device_enc)
  return {
    id: row.id,
    created_at: rfc3339(row.created_at),
    last_used_at: rfc3339(row.last_used_at),
    expires_at: rfc3339(row.expires_at),
    idle_expires_at: rfc3339(row.idle_expires_at),
    revoked_at: rfc3339OrNull(row.revoked_at),
    revoke_reason: row.revoke_reason,
    amr: row.amr,
    acr: acrOf(row.amr),
    auth_time: rfc3339(row.auth_time),
    continued_session_id: row.continued_session_id,
    application: device.application ?? null,
    ip: device.ip ?? null,
    user_agent: device.user_agent ?? null,
    city: device.city ?? null,
    country: device.country ?? null,
  }
}

/** The id only opens the ciphertext: an export must not contain what identifies a token. */
const keptToken = {
  id: oneTimeTokens.id,
  purpose: oneTimeTokens.purpose,
  created_at: oneTimeTokens.createdAt,
  expires_at: oneTimeTokens.expiresAt,
  consumed_at: oneTimeTokens.consumedAt,
  payload_enc: oneTimeTokens.payloadEnc,
  session_id: oneTimeTokens.sessionId,
  amr: computed.textsOrNull(sql`${oneTimeTokens.amr}`),
} as const

const selectTokens = (userId: UserId) =>
  withRows(
    keptToken,
    sql`SELECT ${columnsOf(keptToken)} FROM one_time_tokens WHERE user_id = ${userId} ORDER BY created_at`,
  )

const describeToken = async (key: CryptoKey, userId: UserId, row: Row<typeof keptToken>) => ({
  purpose: row.purpose,
  address: row.payload_enc === null ? null : await openTokenPayload(key, { userId, tokenId: row.id }, row.payload_enc),
  session_id: row.session_id,
  amr: row.amr,
  created_at: rfc3339(row.created_at),
  expires_at: rfc3339(row.expires_at),
  consumed_at: rfc3339OrNull(row.consumed_at),
})

const keptFlow = {
  id: oauthFlows.id,
  provider: oauthFlows.provider,
  redirect_uri: oauthFlows.redirectUri,
  session_id: oauthFlows.sessionId,
  provider_id_enc: oauthFlows.providerIdEnc,
  created_at: oauthFlows.createdAt,
  expires_at: oauthFlows.expiresAt,
  consumed_at: oauthFlows.consumedAt,
} as const

const selectFlows = (userId: UserId) =>
  withRows(keptFlow, sql`SELECT ${columnsOf(keptFlow)} FROM oauth_flows WHERE user_id = ${userId} ORDER BY created_at`)

const describeFlow = async (key: CryptoKey, userId: UserId, row: Row<typeof keptFlow>) => ({
  provider: row.provider,
  redirect_uri: row.redirect_uri,
  session_id: row.session_id,
  provider_id:
    row.provider_id_enc === null
      ? null
      : await openSubject(key, { table: 'oauth_flows', id: row.id, userId }, row.provider_id_enc),
  created_at: rfc3339(row.created_at),
  expires_at: rfc3339(row.expires_at),
  consumed_at: rfc3339OrNull(row.consumed_at),
})
