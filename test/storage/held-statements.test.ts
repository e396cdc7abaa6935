import { env } from 'cloudflare:workers'
import { type SQL, sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { openDatabase } from '../../src/storage/database/database.ts'
import type { Members } from '../../src/storage/database/members.ts'
import { columnsOf, computed, withRows } from '../../src/storage/database/rows.ts'
import { sessions, users } from '../../src/storage/schema/index.ts'
import { faultsOfCaught } from '../support/held-statements.ts'

const run = (members: Members, query: SQL) => openDatabase(env.DB).db.all(withRows(members, query))

// The statements of this file are wrong on purpose. Each test removes its own before the check at the end of
// the file.
test.each([
  ['another order', { id: users.id, status: users.status }, sql`SELECT status, id FROM users`],
  ['a column too many', { id: users.id }, sql`SELECT id, status FROM users`],
  ['another name', { user_id: sessions.userId }, sql`SELECT id FROM users`],
  ['another column', { id: users.id }, sql`SELECT status AS id FROM users`],
  ['another table', { id: users.id }, sql`SELECT id FROM sessions`],
  ['a RETURNING without a name', { user_id: sessions.userId }, sql`DELETE FROM sessions RETURNING id`],
] as const)('a statement with %s is reported, even if it returns no row', async (_, members, query) => {
  await run(members, query)
  expect(await faultsOfCaught()).toEqual([expect.stringMatching(/^the code says .*, the statement has /)])
})

test('a correct statement is not reported', async () => {
  const members = { id: users.id, epoch: users.securityEpoch, n: computed.integer(sql`1`) } as const
  await run(members, sql`SELECT ${columnsOf(members)} FROM users`)
  expect(await faultsOfCaught()).toEqual([])
})
