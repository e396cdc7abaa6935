// Writes what the migrations make, so that the Worker can compare it with the database.
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type ExpectedSchema, fingerprintsOf, type SchemaObject } from '../src/compliance/alarms/schema-object.ts'

const ROOT = join(import.meta.dirname, '..')

/** The file to check in, absolute. */
export const EXPECTED_SCHEMA_FILE = join(ROOT, 'src/compliance/alarms/expected-schema.json')

/** The text of the file to check in. */
export async function expectedSchema(): Promise<string> {
  const migrations = globSync(join(ROOT, 'migrations/*.sql')).sort()
  const database = new DatabaseSync(':memory:')
  for (const path of migrations) database.exec(readFileSync(path, 'utf8'))
  const objects = database.prepare('SELECT type, name, sql FROM sqlite_schema').all() as unknown as SchemaObject[]
  const sorted = [...(await fingerprintsOf(objects))].sort(([a], [b]) => (a < b ? -1 : 1))
  const expected: ExpectedSchema = { newest: basename(migrations.at(-1) ?? ''), objects: Object.fromEntries(sorted) }
  return `${JSON.stringify(expected, null, 2)}\n`
}

if (import.meta.main) writeFileSync(EXPECTED_SCHEMA_FILE, await expectedSchema())
