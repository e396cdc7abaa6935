import { sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import { acrOf } from '../core/assurance.ts'
import { requireKey } from '../core/data-key.ts'
import { AppError } from '../core/errors.ts'
import type { SessionId } from '../core/ids.ts'
import { rfc3339 } from '../core/time.ts'
import { describeDevice } from '../core/user-agent.ts'
import { type SessionRef, selectLiveSession, sessionIsAlive } from '../storage/database/live-session.ts'
import type { Row } from '../storage/database/members.ts'
import { columnsOf, computed, withRows } from '../storage/database/rows.ts'
import { sessions } from '../storage/schema/index.ts'
import { decryptDevice, type SessionDevice } from './session-device.ts'
import { MAX_SESSIONS } from './session-limits.ts'
import type { SessionList, SessionView } from './session-view.ts'

const listedSession = {
  id: sessions.id,
  created_at: sessions.createdAt,
  last_used_at: sessions.lastUsedAt,
  expires_at: computed.integer(sql`min(expires_at, idle_expires_at)`),
  amr: computed.texts(sql`${sessions.amr}`),
  device_enc: sessions.deviceEnc,
} as const

type ListedRow = Row<typeof listedSession>

/**
 * Lists the live sessions of the signed-in user: the current one first, then by last use. Index
 * `sessions_unrevoked`.
 * @throws AppError `invalid_access_token`, `unavailable`
 */
export async function listSessions(
  { db, vault, now }: Pick<Context, 'db' | 'vault' | 'now'>,
  ref: SessionRef,
): Promise<SessionList> {
  const [{ live, listed }, lookup] = await Promise.all([
    db.batch({
      live: selectLiveSession(ref, now),
      listed: withRows(
        listedSession,
        sql`
          SELECT ${columnsOf(listedSession)} FROM sessions WHERE user_id = ${ref.userId} AND ${sessionIsAlive(now)}
          ORDER BY id = ${ref.sessionId} DESC, last_used_at DESC LIMIT ${MAX_SESSIONS}`,
      ),
    }),
    vault.find(ref.userId),
  ])
  if (live.length === 0) throw new AppError('invalid_access_token')
  const key = requireKey(lookup)
  return { sessions: await Promise.all(listed.map((row) => openSession(key, ref, row))) }
}

async function openSession(key: CryptoKey, ref: SessionRef, row: ListedRow): Promise<SessionView> {
  const client = await decryptDevice(key, { userId: ref.userId, sessionId: row.id }, row.device_enc)
  return showSession(row, { current: ref.sessionId, client })
}

interface ListContext {
  /** The session of this request. */
  readonly current: SessionId
  readonly client: SessionDevice
}

export function showSession(row: Omit<ListedRow, 'device_enc'>, { current, client }: ListContext): SessionView {
  return {
    id: row.id,
    current: row.id === current,
    created_at: rfc3339(row.created_at),
    last_used_at: rfc3339(row.last_used_at),
    expires_at: rfc3339(row.expires_at),
    device: describeDevice(client) ?? null,
    user_agent: client.user_agent ?? null,
    ip: client.ip ?? null,
    city: client.city ?? null,
    country: client.country ?? null,
    application: client.application ?? null,
    amr: [...row.amr],
    acr: acrOf(row.amr),
  }
}
