import { toHex } from '../../crypto/encoding.ts'

/**
 * A table, index, trigger or view, as `sqlite_schema` lists it. Its `sql` is null if SQLite made it by
 * itself.
 */
export interface SchemaObject {
  readonly type: string
  readonly name: string
  readonly sql: string | null
}

/**
 * What the migrations make: the name of the newest one, and the fingerprint of each object by its kind and
 * name.
 */
export interface ExpectedSchema {
  readonly newest: string
  readonly objects: Readonly<Record<string, string>>
}

/**
 * Tables of D1 and wrangler. Only a table is left out: a trigger or a view with such a name is not theirs.
 */
const isForeign = ({ type, name }: SchemaObject): boolean =>
  type === 'table' && (name === 'd1_migrations' || name.startsWith('_cf_') || name.startsWith('sqlite_'))

/**
 * The fingerprint of each object by its kind and name (`index users_email`). Objects without SQL are left
 * out: the SQL of their table names what they do.
 */
export async function fingerprintsOf(objects: readonly SchemaObject[]): Promise<Map<string, string>> {
  const own = objects.filter((object) => !isForeign(object))
  const entries = await Promise.all(
    own.flatMap(({ type, name, sql }) => (sql === null ? [] : entryOf(`${type} ${name}`, sql))),
  )
  return new Map(entries)
}

/** White space differs with the tool that ran a migration. The first 128 bits of a SHA-256, hexadecimal. */
async function entryOf(key: string, sql: string): Promise<[string, string]> {
  const text = new TextEncoder().encode(sql.trim().replace(/\s+/g, ' '))
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', text)).slice(0, 16)
  return [key, toHex(digest)]
}
