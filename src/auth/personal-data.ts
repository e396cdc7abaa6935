import { type SQL, sql } from 'drizzle-orm'
import type { UserId } from '../core/ids.ts'
import { rfc3339, rfc3339OrNull } from '../core/time.ts'
import { openTokenPayload } from '../storage/database/one-time-tokens.ts'
import { deleteRows, type PersonalDataOwner } from '../storage/database/personal-data.ts'
import { openSubject } from '../storage/database/social-logins.ts'
import { decryptDevice } from './session-device.ts'

/** Sessions, and what is known of one-time tokens and of identities about to be linked: no token is anywhere. */
export const personalData: PersonalDataOwner = {
  service: 'auth',
  tables: ['one_time_tokens', 'oauth_flows', 'sessions'],
  kept: {},

  async exportPersonalData({ db }, userId, key) {
    const [sessions, tokens, flows] = await db.batch([
      selectSessions(userId),
      selectTokens(userId),
      selectFlows(userId),
    ])
    return {
      sessions: await Promise.all(sessions.map((row) => describeSession(key, userId, row))),
      one_time_tokens: await Promise.all(tokens.map((row) => describeToken(key, userId, row))),
      oauth_flows: await Promise.all(flows.map((row) => describeFlow(key, userId, row))),
    }
  },

  erasePersonalData: (userId) => [
    deleteRows('one_time_tokens', userId),
    deleteRows('oauth_flows', userId),
    deleteRows('sessions', userId),
  ],
}

interface SessionRow {
  readonly id: string
  readonly created_at: number
  readonly last_used_at: number
  readonly expires_at: number
  readonly idle_expires_at: number
  readonly revoked_at: number | null
  readonly revoke_reason: string | null
  readonly amr: string
  readonly auth_time: number
  readonly device_enc: string | null
}

const selectSessions = (userId: UserId): SQL<SessionRow> => sql`
  SELECT id, created_at, last_used_at, expires_at, idle_expires_at, revoked_at, revoke_reason, amr, auth_time,
    device_enc
  FROM sessions WHERE user_id = ${userId} ORDER BY created_at`

async function describeSession(key: CryptoKey, userId: UserId, row: SessionRow) {
  const device = row.device_enc === null ? {} : await decryptDevice(key, userId, row.device_enc)
  return {
    id: row.id,
    created_at: rfc3339(row.created_at),
    last_used_at: rfc3339(row.last_used_at),
    expires_at: rfc3339(row.expires_at),
    idle_expires_at: rfc3339(row.idle_expires_at),
    revoked_at: rfc3339OrNull(row.revoked_at),
    revoke_reason: row.revoke_reason,
    amr: JSON.parse(row.amr),
    auth_time: rfc3339(row.auth_time),
    ip: device.ip ?? null,
    user_agent: device.user_agent ?? null,
    city: device.city ?? null,
    country: device.country ?? null,
  }
}

interface TokenRow {
  readonly purpose: string
  readonly created_at: number
  readonly expires_at: number
  readonly consumed_at: number | null
  readonly payload_enc: string | null
  readonly session_id: string | null
  readonly amr: string | null
}

/** Neither id nor nonce: what a token is made of is not handed out. */
const selectTokens = (userId: UserId): SQL<TokenRow> => sql`
  SELECT purpose, created_at, expires_at, consumed_at, payload_enc, session_id, amr FROM one_time_tokens
  WHERE user_id = ${userId} ORDER BY created_at`

const describeToken = async (key: CryptoKey, userId: UserId, row: TokenRow) => ({
  purpose: row.purpose,
  address: row.payload_enc === null ? null : await openTokenPayload(key, userId, row.payload_enc),
  session_id: row.session_id,
  amr: row.amr === null ? null : JSON.parse(row.amr),
  created_at: rfc3339(row.created_at),
  expires_at: rfc3339(row.expires_at),
  consumed_at: rfc3339OrNull(row.consumed_at),
})

interface FlowRow {
  readonly provider: string
  readonly session_id: string | null
  readonly provider_id_enc: string | null
  readonly created_at: number
  readonly expires_at: number
  readonly consumed_at: number | null
}

const selectFlows = (userId: UserId): SQL<FlowRow> => sql`
  SELECT provider, session_id, provider_id_enc, created_at, expires_at, consumed_at FROM oauth_flows
  WHERE user_id = ${userId} ORDER BY created_at`

const describeFlow = async (key: CryptoKey, userId: UserId, row: FlowRow) => ({
  provider: row.provider,
  session_id: row.session_id,
  provider_id: row.provider_id_enc === null ? null : await openSubject(key, userId, row.provider_id_enc),
  created_at: rfc3339(row.created_at),
  expires_at: rfc3339(row.expires_at),
  consumed_at: rfc3339OrNull(row.consumed_at),
})
