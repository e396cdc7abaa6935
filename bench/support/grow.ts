import { eventIdAt, insertUsers, NUMBERS } from '../../test/support/many-users.ts'
import type { ServedWorker } from './serve.ts'

type Database = Awaited<ReturnType<ServedWorker['miniflare']['getD1Database']>>

const MOST_USERS = 1_000_000
const CHUNK = 20_000
const DOMAIN = `1.${'0'.repeat(43)}`
const DAY_MS = 86_400_000

/** Adds the users of these numbers, both included. */
export async function growUsers(db: Database, from: number, to: number): Promise<void> {
  const inserts = insertUsers(Date.now(), MOST_USERS)
  for (let first = from; first <= to; first += CHUNK) {
    const range = [first, Math.min(to, first + CHUNK - 1), DOMAIN]
    await db.batch(inserts.map((insert) => db.prepare(insert).bind(...range)))
  }
}

/**
 * Adds so many live sessions, and events that are archived already, to the person who registered first. They are
 * seconds apart; what is sealed in them is left out.
 */
export async function growHistory(db: Database, from: number, to: number): Promise<void> {
  const now = Date.now()
  const person = await db
    .prepare('SELECT id FROM users WHERE last_login_at > 0 ORDER BY rowid LIMIT 1')
    .first<{ id: string }>()
  const at = `${now - DAY_MS} + n * 1000`
  const range = [from, to, person?.id]
  await db.batch(
    [
      `INSERT INTO sessions (id, user_id, rotated_at, created_at, last_used_at, expires_at, idle_expires_at, amr, auth_time, security_epoch)
       SELECT printf('%08x-0000-4000-9000-%012x', (n * 2654435761) & 0xffffffff, n), ?3, ${at}, ${at}, ${at},
         ${now + 30 * DAY_MS}, ${now + 7 * DAY_MS}, '["pwd"]', ${at}, 0 FROM counter`,
      `INSERT INTO audit_events (id, occurred_at, action, outcome, actor_type, actor_id, subject_id, request_id, sent_at, archived_at)
       SELECT ${eventIdAt(at, 'n')}, ${at}, 'session.refreshed', 'success', 'user', ?3, ?3, ?3, 1, ${now} FROM counter`,
    ].map((insert) => db.prepare(`${NUMBERS} ${insert}`).bind(...range)),
  )
}
