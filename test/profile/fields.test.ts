import { describe, expect, it, test } from 'vitest'
import endpoints from '../../docs/endpoints.md?raw'
import moving from '../../docs/user-import-export.md?raw'
import { exampleProfile, type ProfileField, profileFields } from '../../src/core/profile.ts'
import { call, get, type Person } from '../support/api.ts'
import { ask, newAdmin, newUser } from '../support/operators.ts'
import { schemaTables } from '../support/schema-tables.ts'
import { row } from '../support/stores.ts'
import { importPeople } from '../support/user-imports.ts'

const example = exampleProfile()
const nothing = Object.fromEntries(profileFields.map((field) => [field, null]))
const columns = profileFields.map((field) => `${field}_enc`)

const write = (person: Person, body: object) =>
  call('/api/v1/users/me', { method: 'PATCH', token: person.accessToken, body })

async function newWriter(): Promise<Person> {
  const person = await newUser()
  expect((await write(person, example)).status).toBe(200)
  return person
}

const stored = (id: string) => row(`SELECT ${columns.join(', ')} FROM user_profiles WHERE user_id = ?`, id)

describe('every field of a profile', () => {
  it('has an encrypted column, and every encrypted column has a field', () => {
    const table = schemaTables.find(({ name }) => name === 'user_profiles')
    expect(table?.columns.filter((name) => name.endsWith('_enc')).sort()).toEqual([...columns].sort())
  })

  it('is empty at first, stored encrypted, readable again, and cleared by null', async () => {
    const person = await newUser()
    expect((await get('/users/me', person.accessToken)).body.profile).toMatchObject(nothing)
    expect((await write(person, example)).body.profile).toMatchObject(example)
    expect((await get('/users/me', person.accessToken)).body.profile).toMatchObject(example)
    for (const [name, value] of Object.entries(await stored(person.id))) expect(value, name).toMatch(/^v2\./)
    expect((await write(person, nothing)).body.profile).toMatchObject(nothing)
    expect(Object.values(await stored(person.id))).toEqual(columns.map(() => null))
  })

  test.each(profileFields)('can be changed alone: %s', async (field: ProfileField) => {
    const person = await newUser()
    const { profile } = (await write(person, { [field]: example[field] })).body
    expect(profile).toMatchObject({ ...nothing, [field]: example[field] })
  })

  it("is in the owner's export", async () => {
    const person = await newWriter()
    const asked = await call('/api/v1/users/me/export', { method: 'POST', token: person.accessToken })
    const bundle = await get(`/users/me/export/${asked.body.id}/download`, person.accessToken)
    expect(bundle.body.data.profile).toMatchObject(example)
  })

  it('is masked for an operator without a reason', async () => {
    const [admin, person] = [await newAdmin(), await newWriter()]
    const masked: Record<string, unknown> = (await ask(admin, `/users/${person.id}`)).body.profile
    expect(Object.keys(masked).sort()).toEqual([...profileFields].sort())
    for (const field of profileFields) {
      expect(masked[field], field).toContain('***')
      expect(masked[field], field).not.toEqual(example[field])
    }
    const revealed = await ask(admin, `/users/${person.id}?reveal=true&reason=support_case`)
    expect(revealed.body.profile).toEqual(example)
  })

  it('is kept by an export and an import into another deployment', async () => {
    const admin = await newAdmin()
    const [id] = await importPeople(admin, [{ email: 'moved@example.com', ...example }])
    const { users } = (await ask(admin, '/user-export', { body: { reason: 'maintenance' } })).body
    expect(users.find((user: { id: string }) => user.id === id)).toMatchObject(example)
  })

  it('is named in the documents for owners and for imports', () => {
    const endpoint = endpoints.split('\n').find((line) => line.includes('PATCH `/api/v1/users/me`')) ?? ''
    const line = moving.split('\n').find((text) => text.startsWith('{"email":')) ?? ''
    for (const field of profileFields) {
      expect(endpoint).toContain(`\`${field}?\``)
      expect(line).toContain(`"${field}":`)
    }
  })
})
