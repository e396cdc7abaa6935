import { reset } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { makeTables } from '../support/schema.ts'
import { rows } from '../support/stores.ts'

const { TEST_MIGRATIONS } = env as Env & {
  readonly TEST_MIGRATIONS: readonly { readonly queries: readonly string[] }[]
}

const everything = async () => [
  await rows("SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE '_cf_%' ORDER BY 1, 2"),
  await rows('SELECT * FROM user_counts ORDER BY 1'),
]

test('each test starts with the tables of the migrations, including the rows that migrations insert', async () => {
  await reset()
  const queries = TEST_MIGRATIONS.flatMap((migration) => migration.queries)
  await env.DB.batch(queries.map((query) => env.DB.prepare(query)))
  const migrated = await everything()
  expect(migrated[1]).toHaveLength(3)
  await reset()
  await makeTables()
  expect(await everything()).toEqual(migrated)
})
