import { type SQL, sql } from 'drizzle-orm'
import type { SQLiteColumn, SQLiteTable } from 'drizzle-orm/sqlite-core'
import { AppError } from '../../core/errors.ts'
import { log } from '../../core/log.ts'
import type { KeyRing } from '../../crypto/key-ring.ts'
import { oneTimeTokens, rootKeys, socialLogins, users } from '../schema/index.ts'
import { columnsOf, computed, type Members, type Row, withRows } from './rows.ts'
import type { Statement } from './statement.ts'
import { assignments, excluded, insertInto, onConflict } from './writes.ts'

const missingVersion = { version: rootKeys.version } as const

/**
 * SQL: versions of root keys that something is stored under and `ROOT_KEYS` does not have, or has another
 * secret for. Everything that must not mistake a missing key for a missing person asks in its own batch.
 */
export const selectMissingRootKeys = (ring: KeyRing): Statement<Row<typeof missingVersion>> =>
  withRows(missingVersion, missingOf(ring))

const missingOf = (ring: KeyRing): SQL => sql`
  SELECT ${columnsOf(missingVersion)} FROM root_keys
  WHERE drained_at IS NULL AND fingerprint NOT IN (
    SELECT value FROM json_each(${JSON.stringify(ring.all.map(({ fingerprint }) => fingerprint))}))
  ORDER BY version`

/**
 * Ends a request that would otherwise find nobody where somebody may be.
 * @param missing what `selectMissingRootKeys` answered
 * @throws AppError `misconfigured`
 */
export function refuseWithoutRootKeys(missing: readonly { readonly version: number }[]): void {
  if (missing.length === 0) return
  log('error', 'root_key_missing', { versions: missing.map(({ version }) => version) })
  throw new AppError('misconfigured')
}

/**
 * SQL condition: no such version. While one is missing, an address may stand under an index that nobody can
 * compute.
 */
export const hasEveryRootKey = (ring: KeyRing): SQL => sql`NOT EXISTS (${missingOf(ring)})`

/**
 * SQL condition: this column is an index under this root key version. Such a text begins with its version and
 * a dot, so that a version is one range of an index over the column; tombstones lie above `:`, and so above
 * all.
 * @param version SQL for the number
 */
const isUnder = (column: SQLiteColumn, version: SQL): SQL =>
  sql`${column} >= ${version} || '.' AND ${column} < ${version} || '/'`

interface StaleQuery {
  readonly newest: number
  /** Index of the last row of the page before. */
  readonly after: string
  readonly limit: number
}

/** A table with an index that a rotation computes anew, and what that takes. */
export interface StaleRows<Named extends Members> {
  readonly table: SQLiteTable
  readonly index: SQLiteColumn
  /** The index itself among them. */
  readonly members: Named
}

/**
 * SQL: rows whose index is under another root key than the newest, by index. Two ranges of the index over the
 * column: what lies below the newest version's rows, then what lies above.
 */
export function selectStale<const Named extends Members>(
  { table, index: by, members }: StaleRows<Named>,
  { newest, after, limit }: StaleQuery,
): Statement<Row<Named>> {
  const range = (condition: SQL) => sql`
    SELECT * FROM (SELECT ${columnsOf(members)} FROM ${table} WHERE ${condition} ORDER BY ${by} LIMIT ${limit})`
  return withRows(
    members,
    sql`
      ${range(sql`${by} > ${after} AND ${by} < ${`${newest}.`}`)}
      UNION ALL
      ${range(sql`${by} > max(${after}, ${`${newest}/`}) AND ${by} < ':'`)}
      LIMIT ${limit}`,
  )
}

/**
 * Notes which root keys things are stored under. A key that is merely configured is not noted: taking it away
 * again harms nobody.
 * @returns nothing; belongs behind the statement that stores
 */
export const noteRootKeysInUse = ({ all }: KeyRing, now: number): SQL => sql`
  ${insertInto(
    rootKeys,
    { version: sql`ring.value ->> 'version'`, fingerprint: sql`ring.value ->> 'fingerprint'`, first_seen_at: now },
    {
      from: sql`json_each(${JSON.stringify(all.map(({ version, fingerprint }) => ({ version, fingerprint })))}) AS ring`,
      onlyIf: isInUse(sql`(ring.value ->> 'version')`),
    },
  )}
  ${onConflict(
    [rootKeys.version],
    assignments(rootKeys, {
      fingerprint: excluded(rootKeys.fingerprint),
      first_seen_at: excluded(rootKeys.firstSeenAt),
      drained_at: null,
    }),
  )}
  WHERE drained_at IS NOT NULL`

/**
 * SQL: root key version of a password hash's pepper, read out of the hash; 0 for a hash without one, null
 * without a hash. Indexed as it stands here (`credentials_pepper`): no column can then say something else
 * than the hash does.
 */
export const pepperVersion = sql.raw(
  `(CASE WHEN password_hash IS NULL THEN NULL WHEN instr(password_hash, ',keyid=') = 0 THEN 0 ` +
    `ELSE CAST(substr(password_hash, instr(password_hash, ',keyid=') + 7) AS INTEGER) END)`,
)

/**
 * SQL condition: an index or a password hash in the database is under this root key version, or an address is
 * kept for its former owner under it. Four look-ups.
 */
export const isInUse = (version: SQL): SQL => sql`
  (EXISTS (SELECT 1 FROM users WHERE ${isUnder(users.emailIndex, version)})
    OR EXISTS (SELECT 1 FROM social_logins WHERE ${isUnder(socialLogins.providerIdIndex, version)})
    OR EXISTS (SELECT 1 FROM one_time_tokens WHERE ${isUnder(oneTimeTokens.addressIndex, version)})
    OR EXISTS (SELECT 1 FROM credentials WHERE ${pepperVersion} = ${version}))`

const indexCount = {
  version: computed.integer(sql`version`),
  count: computed.integer(sql`(SELECT count(*) FROM users WHERE ${isUnder(users.emailIndex, sql`versions.version`)})`),
} as const

/** SQL: how many people's indexes are under each root key version, from `users_email_index` alone. */
export const countIndexes: Statement<Row<typeof indexCount>> = withRows(
  indexCount,
  sql`
    WITH RECURSIVE versions (version) AS (
      SELECT CAST(min(email_index) AS INTEGER) FROM users WHERE email_index < ':'
      UNION ALL
      SELECT (SELECT CAST(min(email_index) AS INTEGER) FROM users
        WHERE email_index >= versions.version || '/' AND email_index < ':')
      FROM versions WHERE versions.version IS NOT NULL)
    SELECT ${columnsOf(indexCount)} FROM versions WHERE version IS NOT NULL`,
)

const pepperCount = {
  version: computed.integer(sql`version`),
  count: computed.integer(sql`(SELECT count(*) FROM credentials WHERE ${pepperVersion} = versions.version)`),
} as const

/**
 * SQL: how many password hashes are under each pepper, from `credentials_pepper` alone; 0 stands for none.
 */
export const countPeppers: Statement<Row<typeof pepperCount>> = withRows(
  pepperCount,
  sql`
    WITH RECURSIVE versions (version) AS (
      SELECT min(${pepperVersion}) FROM credentials WHERE ${pepperVersion} >= 0
      UNION ALL
      SELECT (SELECT min(${pepperVersion}) FROM credentials WHERE ${pepperVersion} > versions.version)
      FROM versions WHERE versions.version IS NOT NULL)
    SELECT ${columnsOf(pepperCount)} FROM versions WHERE version IS NOT NULL`,
)
