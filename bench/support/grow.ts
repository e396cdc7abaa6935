import { MAX_SESSIONS } from '../../src/sessions/session-limits.ts'
import { insertEvents, insertSessions, insertUsers, MOST_OF_ONE } from '../../test/support/many-users.ts'
import type { ServedWorker } from './serve.ts'

type Database = Awaited<ReturnType<ServedWorker['miniflare']['getD1Database']>>

const MOST_USERS = 1_000_000
const CHUNK = 20_000
const DOMAIN = `1.${'0'.repeat(43)}`

/** Adds the users with these numbers, both included. */
export async function growUsers(db: Database, from: number, to: number): Promise<void> {
  const inserts = insertUsers(Date.now(), MOST_USERS)
  for (let first = from; first <= to; first += CHUNK) {
    const range = [first, Math.min(to, first + CHUNK - 1), DOMAIN]
    await db.batch(inserts.map((insert) => db.prepare(insert).bind(...range)))
  }
}

/**
 * Adds this many sessions, and archived events, to the user who signed in last. The newest hundred sessions
 * are active, as after this many sign-ins.
 */
export async function growHistory(db: Database, size: number): Promise<void> {
  const now = Date.now()
  const person = await db
    .prepare(
      'SELECT id, (SELECT count(*) FROM users WHERE last_login_at > 0) AS n FROM users ORDER BY last_login_at DESC LIMIT 1',
    )
    .first<{ id: string; n: number }>()
  if (person === null) throw new Error('nobody has signed in')
  const first = person.n * MOST_OF_ONE
  await db.batch([
    ...[insertSessions(now), insertEvents(now)].map((insert) =>
      db.prepare(insert).bind(first, first + size - 1, person.id),
    ),
    db
      .prepare(
        `UPDATE sessions SET revoked_at = ?1, revoke_reason = 'surplus' WHERE user_id = ?2 AND revoked_at IS NULL
         AND id NOT IN (SELECT id FROM sessions WHERE user_id = ?2 ORDER BY last_used_at DESC LIMIT ?3)`,
      )
      .bind(now, person.id, MAX_SESSIONS),
  ])
}
