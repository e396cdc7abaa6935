import { type SQL, sql } from 'drizzle-orm'
import type { SQLiteColumn, SQLiteTable } from 'drizzle-orm/sqlite-core'
import { AppError } from '../../core/errors.ts'
import { log } from '../../core/log.ts'
import type { KeyRing } from '../../crypto/key-ring.ts'
import { erasures, legalHolds, oneTimeTokens, rootKeys, socialLogins, users } from '../schema/index.ts'
import type { Members, Row } from './members.ts'
import { columnsOf, computed, withRows } from './rows.ts'
import type { Statement } from './statement.ts'
import { assignments, excluded, insertInto, onConflict } from './writes.ts'

const missingVersion = { version: rootKeys.version } as const

/**
 * SQL: root key versions under which data is stored, but which `ROOT_KEYS` does not contain, or contains with
 * another secret. Every batch that must not mistake a missing key for a missing user runs this statement.
 */
export const selectMissingRootKeys = (ring: KeyRing): Statement<Row<typeof missingVersion>> =>
  withRows(missingVersion, missingOf(ring))

const missingOf = (ring: KeyRing): SQL => sql`
  SELECT ${columnsOf(missingVersion)} FROM root_keys
  WHERE drained_at IS NULL AND fingerprint NOT IN (
    SELECT value FROM json_each(${JSON.stringify(ring.all.map(({ fingerprint }) => fingerprint))}))
  ORDER BY version`

/**
 * Ends a request that could otherwise report an existing user as missing.
 * @param missing the rows of `selectMissingRootKeys`
 * @throws AppError `misconfigured`
 */
export function refuseWithoutRootKeys(missing: readonly { readonly version: number }[]): void {
  if (missing.length === 0) return
  log('error', 'root_key_missing', { versions: missing.map(({ version }) => version) })
  throw new AppError('misconfigured')
}

/**
 * SQL condition: no root key version is missing. While one is missing, an address may be stored under an
 * index that cannot be computed.
 */
export const hasEveryRootKey = (ring: KeyRing): SQL => sql`NOT EXISTS (${missingOf(ring)})`

/**
 * SQL condition: this column is an index under this root key version. An index begins with its version and a
 * dot, so each version is one range of a database index on the column. The index of an erased user sorts
 * after `:`, and so after all versions.
 * @param version SQL for the number
 */
const isUnder = (column: SQLiteColumn, version: SQL): SQL =>
  sql`${column} >= ${version} || '.' AND ${column} < ${version} || '/'`

interface StaleQuery {
  readonly newest: number
  /** Index of the last row of the previous page. */
  readonly after: string
  readonly limit: number
}

/** A table with a blind index that a rotation recomputes, and the columns that the rotation needs. */
export interface StaleRows<Named extends Members> {
  readonly table: SQLiteTable
  readonly index: SQLiteColumn
  /** Includes the index itself. */
  readonly members: Named
}

/**
 * SQL: rows whose blind index is not under the newest root key, in the order of that index. Reads two ranges
 * of the database index: the rows below the newest version's, then the rows above.
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
 * Records the root key versions under which data is stored. A version that is only configured is not
 * recorded, because removing it does no harm.
 * @returns a statement without rows, to be placed after the statement that stores data
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
 * SQL: root key version of a password hash's pepper, read from the hash. 0 for a hash without a pepper, null
 * without a hash. The index `credentials_pepper` covers exactly this expression, so no separate column can
 * disagree with the hash.
 */
export const pepperVersion = sql.raw(
  `(CASE WHEN password_hash IS NULL THEN NULL WHEN instr(password_hash, ',keyid=') = 0 THEN 0 ` +
    `ELSE CAST(substr(password_hash, instr(password_hash, ',keyid=') + 7) AS INTEGER) END)`,
)

/** SQL: requests to erase that may still be claimed. One that was refused is kept for the operator. */
const openErasures = (version: SQL): SQL =>
  sql`erasures WHERE completed_at IS NULL AND refused_at IS NULL AND ${isUnder(erasures.seal, version)}`

/** SQL: the number of legal holds and open requests to erase under the seal of a row of `root_keys`. */
export const countSealedRequests: SQL = sql`(
  (SELECT count(*) FROM ${openErasures(sql`root_keys.version`)})
  + (SELECT count(*) FROM legal_holds WHERE ${isUnder(legalHolds.seal, sql`root_keys.version`)}))`

/**
 * SQL condition: a blind index, a password hash, an address that is reserved for its former owner, or the
 * seal of an open erasure or a legal hold is stored under this root key version. Six look-ups.
 */
export const isInUse = (version: SQL): SQL => sql`
  (EXISTS (SELECT 1 FROM users WHERE ${isUnder(users.emailIndex, version)})
    OR EXISTS (SELECT 1 FROM social_logins WHERE ${isUnder(socialLogins.providerIdIndex, version)})
    OR EXISTS (SELECT 1 FROM one_time_tokens WHERE ${isUnder(oneTimeTokens.addressIndex, version)})
    OR EXISTS (SELECT 1 FROM credentials WHERE ${pepperVersion} = ${version})
    OR EXISTS (SELECT 1 FROM ${openErasures(version)})
    OR EXISTS (SELECT 1 FROM legal_holds WHERE ${isUnder(legalHolds.seal, version)}))`

const indexCount = {
  version: computed.integer(sql`version`),
  count: computed.integer(sql`(SELECT count(*) FROM users WHERE ${isUnder(users.emailIndex, sql`versions.version`)})`),
} as const

/**
 * SQL: the number of users whose e-mail index is under each root key version. Reads only `users_email_index`.
 */
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
 * SQL: the number of password hashes under each pepper version. 0 means no pepper. Reads only
 * `credentials_pepper`.
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
