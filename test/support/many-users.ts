/** Ids that are scattered over an index, as random ones are. */
const ID = `printf('%08x-0000-4000-8000-%012x', (n * 2654435761) & 0xffffffff, n)`
const DAY_MS = 86_400_000
const YEARS_MS = 2 * 365 * DAY_MS
const SEALED = `'v1.AAAAAAAAAAAAAAAA.' || lower(hex(randomblob(40)))`
const HASH = `'$argon2id$v=19$m=19456,t=2,p=1,keyid=AQ$' || lower(hex(randomblob(33)))`

/** The start of an insert for the numbers from ?1 to ?2. */
const NUMBERS = 'WITH RECURSIVE counter(n) AS (SELECT ?1 UNION ALL SELECT n + 1 FROM counter WHERE n < ?2)'

/**
 * @param number SQL that gives an integer
 * @returns SQL that gives a UUID v7 of that time, in Unix milliseconds
 */
const eventIdAt = (timeMs: string, number: string): string =>
  `substr(printf('%012x', ${timeMs}), 1, 8) || '-' || substr(printf('%012x', ${timeMs}), 9) || printf('-7000-8000-%012x', ${number})`

/** A little less than the seconds of a day: the most rows of one user. */
export const MOST_OF_ONE = 80_000

/**
 * Sessions of the user ?3, one for each number from ?1 to ?2 (`MOST_OF_ONE` at most). They are a day old, a
 * second apart, and have no encrypted columns.
 */
export const insertSessions = (now: number): string => `${NUMBERS}
  INSERT INTO sessions (id, user_id, rotated_at, created_at, last_used_at, expires_at, idle_expires_at, amr, auth_time,
    security_epoch)
  SELECT printf('%08x-0000-4000-9000-%012x', (n * 2654435761) & 0xffffffff, n), ?3, ${secondOf(now)}, ${secondOf(now)},
    ${secondOf(now)}, ${now + 30 * DAY_MS}, ${now + 7 * DAY_MS}, '["pwd"]', ${secondOf(now)},
    (SELECT security_epoch FROM users WHERE id = ?3) FROM counter`

/** Archived events of the user ?3, one for each number from ?1 to ?2. */
export const insertEvents = (now: number): string => `${NUMBERS}
  INSERT INTO audit_events (id, occurred_at, action, outcome, actor_type, actor_id, subject_id, request_id, sent_at,
    archived_at)
  SELECT ${eventIdAt(secondOf(now), 'n')}, ${secondOf(now)}, 'session.refreshed', 'success', 'user', ?3, ?3, ?3, 1, ${now}
  FROM counter`

const secondOf = (now: number): string => `${now - DAY_MS} + (n % ${MOST_OF_ONE}) * 1000`

/**
 * Users, one for each number from ?1 to ?2: half of them of the domain ?3, one in ten with a role, one in a
 * hundred suspended, one in a hundred deleted, each with a credential, a profile and an archived event. With
 * `most` users, they were created evenly over two years.
 */
export function insertUsers(now: number, most: number): string[] {
  const created = `${now - YEARS_MS} + n * ${Math.floor(YEARS_MS / most)}`
  const status = `CASE n % 100 WHEN 0 THEN 'suspended' WHEN 1 THEN 'deleted' ELSE 'active' END`
  return [
    `INSERT INTO users (id, email_index, email_domain_index, email_enc, status, created_at, deleted_at, purge_after)
     SELECT ${ID}, '1.' || lower(hex(randomblob(22))), iif(n % 2 = 0, ?3, '1.' || printf('%043d', n % 1000)), ${SEALED},
       ${status}, ${created}, iif(n % 100 = 1, ${now}, NULL), iif(n % 100 = 1, ${now + DAY_MS}, NULL) FROM counter`,
    `INSERT INTO credentials (user_id, password_hash, changed_at) SELECT ${ID}, ${HASH}, 1 FROM counter WHERE ?3 > ''`,
    `INSERT INTO user_profiles (user_id, full_name_enc, updated_at) SELECT ${ID}, ${SEALED}, 1 FROM counter WHERE ?3 > ''`,
    `INSERT INTO user_roles (role, user_id) SELECT 'support', ${ID} FROM counter WHERE n % 10 = 0 AND ?3 > ''`,
    `INSERT INTO erasures (user_id, requested_at, due_at, basis)
     SELECT ${ID}, ${now}, ${now + DAY_MS}, 'user_request' FROM counter WHERE n % 100 = 1 AND ?3 > ''`,
    `INSERT INTO audit_events (id, occurred_at, action, outcome, actor_type, subject_id, request_id, pii_enc, sent_at, archived_at)
     SELECT ${eventIdAt(created, 'n')}, ${created}, 'user.registered', 'success', 'anonymous', ${ID}, ${ID}, ${SEALED}, 1, ${now}
     FROM counter WHERE ?3 > ''`,
  ].map((insert) => `${NUMBERS} ${insert}`)
}
