import { env } from 'cloudflare:workers'
import { describe, expect, test } from 'vitest'
import { profileFields } from '../../src/core/profile.ts'
import { argon2id } from '../../src/crypto/argon2id/index.ts'
import { utf8 } from '../../src/crypto/encoding.ts'
import { runToEnd } from '../../src/crypto/hash-queue/cooperative.ts'
import { burst, get, PASSWORD, post } from '../support/api.ts'
import { runCronWithArchive } from '../support/erasures.ts'
import { failing } from '../support/intercept-stores.ts'
import { jobContext } from '../support/job-context.ts'
import { act, ask, newAdmin, newUser } from '../support/operators.ts'
import { recordQueries } from '../support/query-plans.ts'
import { giveIdentity } from '../support/requests.ts'
import { events } from '../support/stores.ts'
import { importPeople } from '../support/user-imports.ts'

type Options = Parameters<typeof ask>[2]

const exportPage = (admin: Parameters<typeof ask>[0], body: object = {}, options: Options = {}) =>
  ask(admin, '/user-export', { body: { reason: 'maintenance', ...body }, ...options })

describe('the export of all users', () => {
  test('returns complete users, and is recorded for each of them (U1)', async () => {
    const admin = await newAdmin()
    const person = await newUser({ full_name: 'Ada', phone_number: '+4915112345678', preferences: { locale: 'de' } })
    await giveIdentity(person, { subject: 'subject-4711' })
    const { status, body } = await exportPage(admin, { reason: 'legal_obligation' })
    expect(status).toBe(200)
    expect(body.next_cursor).toBeNull()
    expect(body.users.map(({ id }: { id: string }) => id)).toEqual([admin.id, person.id])
    expect(body.users[1]).toEqual({
      id: person.id,
      is_readable: true,
      email: person.email,
      is_verified: false,
      status: 'active',
      roles: [],
      suspended_at: null,
      suspended_until: null,
      password_reset_required: false,
      deleted_at: null,
      purge_after: null,
      erasure_basis: null,
      two_step_at: null,
      two_step_due_at: null,
      legal_hold: null,
      created_at: expect.any(String),
      last_login_at: expect.any(String),
      ...Object.fromEntries(profileFields.map((field) => [field, null])),
      full_name: 'Ada',
      phone_number: '+4915112345678',
      preferences: { locale: 'de' },
      identities: [{ provider: 'github', provider_id: 'subject-4711' }],
    })
    const detail = {
      operator_session_id: expect.any(String),
      revealed_for: 'legal_obligation',
      with_password_hashes: false,
      with_factors: false,
    }
    expect(await events('operator.users_exported')).toMatchObject([{ actor_id: admin.id, subject_id: null, detail }])
    expect((await events('operator.user_exported')).map(({ subject_id }) => subject_id).sort()).toEqual(
      [admin.id, person.id].sort(),
    )
    const { body: activity } = await get('/users/me/activity', person.accessToken)
    expect(activity.events[0]).toMatchObject({ action: 'operator.user_exported' })
    expect(JSON.stringify(await events('operator.users_exported'))).not.toContain('another service')
  })

  test('has every user on exactly one page', async () => {
    const admin = await newAdmin()
    await importPeople(admin, [
      { email: 'old@example.com', created_at: '1999-01-01T00:00:00Z' },
      ...Array.from({ length: 4 }, (_, i) => ({ email: `same${i}@example.com`, created_at: '2001-01-01T00:00:00Z' })),
    ])
    const emails: string[] = []
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const { body } = await exportPage(admin, { limit: 2, ...(cursor && { cursor }) })
      emails.push(...body.users.map(({ email }: { email: string }) => email))
      cursor = body.next_cursor
    }
    expect(emails[0]).toBe('old@example.com')
    expect(emails.at(-1)).toBe(admin.email)
    expect([...emails].sort()).toEqual(
      [admin.email, 'old@example.com', ...[0, 1, 2, 3].map((i) => `same${i}@example.com`)].sort(),
    )
    expect(await events('operator.user_exported')).toHaveLength(6)
  })

  test('includes password hashes on request, and each can be verified with the pepper', async () => {
    const admin = await newAdmin()
    // The Worker itself, because the hashes of test users are not made with Argon2id.
    const { id } = (await post('/auth/register', { email: 'ada@example.com', password: PASSWORD })).body
    expect(JSON.stringify((await exportPage(admin)).body)).not.toMatch(/argon2|password_hash/)
    const { body } = await exportPage(admin, { with_password_hashes: true })
    const phc: string = body.users.find((user: { id: string }) => user.id === id).password_hash
    const [, , version, cost = '', salt = '', tag = ''] = phc.split('$')
    expect([version, cost]).toEqual(['v=19', 'm=19456,t=2,p=1,keyid=1,ad=1'])
    // Verifies the hash as docs/user-import-export.md describes.
    const { ring } = await jobContext()
    const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'base64'))
    const input = { memoryKib: 19_456, iterations: 2, parallelism: 1, tagLength: 32, secret: ring.newest.pepper }
    const hash = argon2id({ ...input, password: utf8(PASSWORD), salt: bytes(salt), associatedData: utf8(id) })
    expect(runToEnd(hash)).toEqual(bytes(tag))
    expect((await events('operator.users_exported')).at(-1)?.detail.with_password_hashes).toBe(true)
  })

  test('leaves out erased people, and marks users whose data cannot be read', async () => {
    const [admin, erased, keyless] = [await newAdmin(), await newUser(), await newUser()]
    await act(admin, erased, 'erase', { immediate: true })
    await runCronWithArchive()
    await env.VAULT.delete(`keys/${keyless.id}`)
    await env.KEY_CACHE.delete(`dek:${keyless.id}`)
    const { body } = await exportPage(admin, {}, { env: { ...env } })
    expect(body.users).toMatchObject([
      { id: admin.id, is_readable: true },
      { id: keyless.id, is_readable: false, email: null, identities: [] },
    ])
  })

  test('H6 stops while no store returns a key, instead of leaving out a user', async () => {
    const admin = await newAdmin()
    const down = failing((name) => /^(VAULT|KEY_CACHE)\./.test(name), 'down')
    expect((await exportPage(admin, {}, { env: down })).status).toBe(503)
  })

  test('reads pages in the order of an index', async () => {
    const admin = await newAdmin()
    const { env: recorded, plans } = recordQueries()
    await exportPage(admin, { limit: 1 }, { env: recorded })
    const steps = await plans()
    expect(steps).toContainEqual(expect.stringMatching(/SEARCH users USING INDEX users_created \(\(created_at,id\)>/))
    expect(steps.filter((step) => /^SCAN users|TEMP B-TREE/.test(step))).toEqual([])
  })

  test.each([2, 16])('is recorded for each of %i concurrent requests', async (size) => {
    const admin = await newAdmin()
    await burst(size, () => exportPage(admin))
    expect(await events('operator.users_exported')).toHaveLength(size)
  })
})
