import { sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import type { AlarmFindings } from '../../core/alarm.ts'
import { log } from '../../core/log.ts'
import { columnsOf, computed, withRows } from '../../storage/database/rows.ts'
import expected from './expected-schema.json' with { type: 'json' }
import { type ExpectedSchema, fingerprintsOf } from './schema-object.ts'

type Findings = Pick<AlarmFindings, 'schema_changed' | 'schema_newer'>

/**
 * Compares every table, index, trigger and view of the database with what the migrations create. While the
 * database has a migration that this code does not know, tables and indexes may differ. Triggers and views
 * may not, because few migrations create one, and an attack needs one. An attacker who can write the database
 * can forge the record of such a migration, so it raises an alarm of its own.
 */
export async function compareSchema({ db }: Pick<Context, 'db'>): Promise<Findings> {
  const objects = await db.all(selectSchema)
  const differing = differencesBetween(expected, await fingerprintsOf(objects))
  if (differing.length === 0) return { schema_changed: false, schema_newer: false }
  const hasRecord = objects.some(({ type, name }) => type === 'table' && name === 'd1_migrations')
  const isNewer = hasRecord && ((await db.first(selectNewest))?.newest ?? '') > expected.newest
  const unexplained = isNewer ? differing.filter(({ kind }) => kind === 'trigger' || kind === 'view') : differing
  if (unexplained.length > 0) log('error', 'schema_differs', countByKind(unexplained))
  return { schema_changed: unexplained.length > 0, schema_newer: isNewer }
}

interface Difference {
  readonly kind: string
  readonly how: 'added' | 'changed' | 'missing'
}

function differencesBetween({ objects }: ExpectedSchema, found: ReadonlyMap<string, string>): Difference[] {
  const wanted = new Map(Object.entries(objects))
  return [...new Set([...wanted.keys(), ...found.keys()])].flatMap((key) => {
    if (wanted.get(key) === found.get(key)) return []
    const [kind = ''] = key.split(' ')
    return { kind, how: !wanted.has(key) ? 'added' : found.has(key) ? 'changed' : 'missing' }
  })
}

/**
 * Such as `{ added_trigger: 1 }`. The log has no names of objects, because an attacker may have chosen them.
 */
function countByKind(differences: readonly Difference[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { kind, how } of differences) counts[`${how}_${kind}`] = (counts[`${how}_${kind}`] ?? 0) + 1
  return counts
}

const schemaMembers = {
  type: computed.text(sql`type`),
  name: computed.text(sql`name`),
  sql: computed.textOrNull(sql`sql`),
} as const

/** Reads the whole list: about a hundred rows. */
const selectSchema = withRows(schemaMembers, sql`SELECT ${columnsOf(schemaMembers)} FROM sqlite_schema`)

const newest = { newest: computed.textOrNull(sql`max(name)`) } as const

/** wrangler's record of the migrations that were applied. */
const selectNewest = withRows(newest, sql`SELECT ${columnsOf(newest)} FROM d1_migrations`)
