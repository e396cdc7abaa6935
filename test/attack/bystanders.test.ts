import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { tokenPurposes } from '../../src/core/token-text.ts'
import { call, newPerson, type Person } from '../support/api.ts'
import { giveReset, giveTwoCodes, giveTwoStep } from '../support/factor-resets.ts'
import { storePasskey } from '../support/passkeys.ts'
import { plainApp as app } from '../support/passwords.ts'
import { giveCode, giveIdentity, giveToken, routeNames } from '../support/requests.ts'
import { schemaTables } from '../support/schema-tables.ts'
import { change, rows, rowsOfEach } from '../support/stores.ts'
import { prepareTrial, send } from '../support/trials.ts'

/** Any request claims and sends pending mails. */
const owned = schemaTables.filter(({ name, columns }) => columns.includes('user_id') && name !== 'mail_jobs')

/** A user with a row in every table that has an owner. */
async function newBystander(): Promise<Person> {
  const person = await newPerson({ full_name: 'Somebody Else' }, { app })
  const { id, email } = person
  await giveIdentity(person)
  await giveCode(person, 'link')
  for (const purpose of tokenPurposes) await giveToken(person, purpose, `other-${email}`)
  await change("INSERT INTO user_roles (role, user_id) VALUES ('support', ?)", id)
  await change(
    "INSERT INTO consents (id, user_id, document, version, decision, decided_at, source) VALUES (?, ?, 'terms', '1', 'granted', 1, 'user')",
    crypto.randomUUID(),
    id,
  )
  await change(
    "INSERT INTO exports (id, user_id, status, created_at, ready_at, expires_at) VALUES (?, ?, 'ready', 1, 1, 4e12)",
    crypto.randomUUID(),
    id,
  )
  await change("INSERT INTO legal_holds (user_id, reason, placed_at) VALUES (?, 'court_order', 1)", id)
  await change("INSERT INTO erasures (user_id, requested_at, due_at, basis) VALUES (?, 1, 4e12, 'user_request')", id)
  await giveTwoStep(person)
  await giveTwoCodes(person)
  await giveReset(person, { dueAt: 4e12 })
  await storePasskey(person)
  await change('INSERT INTO archive_places VALUES (?, 1, 1)', id)
  await change("INSERT INTO activity_bundles VALUES (?, '2026-07-06+28', 1, 'x')", id)
  return person
}

const belongings = (people: readonly Person[]) => {
  const ids = JSON.stringify(people.map(({ id }) => id))
  const ofOwner = 'IN (SELECT value FROM json_each(?)) ORDER BY 1, 2'
  const lists = owned.map(({ name }) => `SELECT * FROM ${name} WHERE user_id ${ofOwner}`)
  return rowsOfEach([`SELECT * FROM users WHERE id ${ofOwner}`, ...lists], ids)
}

test('A1 a successful request of each route that changes something changes no row of anybody else, and forgets no failed attempt', async () => {
  const people = [await newBystander(), await newBystander(), await newBystander()]
  const [active, deleted, suspended] = people
  await change(
    "UPDATE users SET status = 'deleted', is_verified = 0, deleted_at = 1, purge_after = 4e12 WHERE id = ?",
    deleted?.id,
  )
  await change("UPDATE users SET status = 'suspended', is_verified = 0, suspended_at = 1 WHERE id = ?", suspended?.id)
  const before = await belongings(people)
  for (const list of before) expect(list.length).toBeGreaterThanOrEqual(people.length)
  await change("INSERT INTO attempts VALUES ('of somebody else', 1, 4e12, 3, 0, 0)")
  const attempts = () => rows("SELECT * FROM attempts WHERE key = 'of somebody else'")
  const counted = await attempts()
  for (const name of routeNames.filter((route) => !route.startsWith('GET'))) {
    expect((await send(await prepareTrial(name), env)).status, name).toBeLessThan(400)
    expect(await belongings(people), name).toEqual(before)
    expect(await attempts(), name).toEqual(counted)
  }
  expect((await call('/api/v1/auth/session', { token: active?.accessToken ?? '' })).status).toBe(200)
})
