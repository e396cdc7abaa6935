import { env } from 'cloudflare:workers'
import { sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { selectNewestRuns } from '../../src/keys/get-key-progress.ts'
import { staleLogins } from '../../src/keys/reindex-identities.ts'
import { expiringColumns, reindexedColumns, staleUsers } from '../../src/keys/reindex-users.ts'
import { selectOldPeppers } from '../../src/keys/retire-passwords.ts'
import {
  countIndexes,
  countPeppers,
  isInUse,
  noteRootKeysInUse,
  selectMissingRootKeys,
  selectStale,
} from '../../src/storage/database/root-keys.ts'
import type { Runnable } from '../../src/storage/database/statement.ts'
import { bound } from '../../src/storage/database/statement.ts'
import { ringOf } from '../support/keys.ts'
import { schemaTables } from '../support/schema-tables.ts'

const STALE = { newest: 2, after: '', limit: 100 }

/** The query plan of a statement, one line for each table that it reads. */
async function planOf(statement: Runnable): Promise<string[]> {
  const { text, values } = bound(statement)
  const { results } = await env.DB.prepare(`EXPLAIN QUERY PLAN ${text}`)
    .bind(...values)
    .all<{ detail: string }>()
  return results.map(({ detail }) => detail)
}

const scans = (plan: readonly string[], table: string) => plan.filter((line) => line.startsWith(`SCAN ${table}`))

test.each([
  ['stale indexes', () => selectStale(staleUsers, STALE), 'users_email_index'],
  ['stale identities', () => selectStale(staleLogins, STALE), 'social_logins_index'],
  ['indexes by version', () => countIndexes, 'COVERING INDEX users_email_index'],
  ['hashes by pepper', () => countPeppers, 'credentials_pepper'],
  ['hashes under an old pepper', () => selectOldPeppers(2, 50, 0), 'credentials_pepper'],
  ['whether a version is in use', () => sql`SELECT ${isInUse(sql`1`)}`, 'credentials_pepper'],
  ['the newest runs', () => selectNewestRuns, 'job_runs_job'],
] as const)('%s are found by an index, without a scan', async (_, statement, index) => {
  const plan = await planOf(statement())
  expect(
    plan.some((line) => line.startsWith('SEARCH') && line.includes(index)),
    plan.join('\n'),
  ).toBe(true)
  for (const table of ['users', 'credentials', 'social_logins', 'one_time_tokens', 'job_runs', 'run'])
    expect(scans(plan, table), plan.join('\n')).toEqual([])
})

test('recording root keys and finding missing ones reads only the few rows of root keys', async () => {
  const ring = await ringOf(2, 1)
  for (const statement of [noteRootKeysInUse(ring, 1), selectMissingRootKeys(ring)]) {
    const plan = await planOf(statement)
    for (const table of ['users', 'credentials', 'social_logins', 'one_time_tokens'])
      expect(scans(plan, table), plan.join('\n')).toEqual([])
  }
})

test('every index column of the schema is rewritten by a rotation, or its rows expire before the rotation ends (D4)', () => {
  const columns = schemaTables.flatMap(({ name, columns }) =>
    columns.filter((column) => /_index(es)?$/.test(column)).map((column) => `${name}.${column}`),
  )
  const claimed = [reindexedColumns, expiringColumns].flatMap((claims) =>
    Object.entries(claims).flatMap(([table, names]) => names.map((name) => `${table}.${name}`)),
  )
  expect(columns.sort()).toEqual(claimed.sort())
})
