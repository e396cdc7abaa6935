import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { burst, get, statuses } from '../support/api.ts'
import { runCronWithArchive } from '../support/erasures.ts'
import { faultyEnv, killedAt } from '../support/faulty-env.ts'
import { ask, newAdmin, newUser, signInPlainly } from '../support/operators.ts'
import { recordQueries } from '../support/query-plans.ts'
import { envWithKeys } from '../support/root-keys.ts'
import { runCron } from '../support/service.ts'
import { SIZES } from '../support/sizes.ts'
import { change, countOf, events, keyOwners, row, rows } from '../support/stores.ts'
import { importPeople, openImport, sendLines } from '../support/user-imports.ts'

afterEach(() => {
  vi.useRealTimers()
})

const BCRYPT = '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'

const ada = {
  email: 'Ada.Byron@Example.com',
  is_verified: true,
  created_at: '2019-04-01T12:00:00+02:00',
  password_hash: BCRYPT,
  full_name: 'Ada Byron',
  phone_number: '+4915112345678',
  avatar_url: 'https://pictures.example/ada.png',
  bio: 'Computes.',
  preferences: { locale: 'de' },
}

const people = (count: number, from = 1) =>
  Array.from({ length: count }, (_, i) => ({ email: `moved${from + i}@example.com`, password_hash: BCRYPT }))

/** Events of the current users: the queue may still deliver events of an earlier test. */
const arrivals = () =>
  rows("SELECT id FROM audit_events WHERE action = 'user.imported' AND subject_id IN (SELECT id FROM users)")

async function plainId(importId: string, line: number): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(`${importId}|${line}`))
  const hex = Buffer.from(digest).toString('hex')
  const variant = ((parseInt(hex.slice(16, 18), 16) & 0x3f) | 0x80).toString(16)
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    variant + hex.slice(18, 20),
    hex.slice(20, 32),
  ].join('-')
}

const report = async (admin: Parameters<typeof ask>[0], id: string) => (await ask(admin, `/imports/${id}`)).body

describe('an import', () => {
  test('imports the data of the other system, and sends no mail', async () => {
    const admin = await newAdmin()
    const id = await openImport(admin)
    const mails = await countOf('mail_jobs')
    const { status, body } = await sendLines(admin, { id, users: [ada, { email: 'Bob@example.com' }] })
    expect(status).toBe(200)
    expect(body).toMatchObject({ next_line: 3, refused: [], imported: [{ line: 1 }, { line: 2 }] })
    const [adaId, bobId] = body.imported.map((line: { id: string }) => line.id)

    const viewed = await ask(admin, `/users/${adaId}?reveal=true&reason=support_case`)
    expect(viewed.body).toMatchObject({
      email: 'Ada.Byron@example.com',
      is_verified: true,
      status: 'active',
      roles: [],
      has_password: true,
      created_at: '2019-04-01T10:00:00.000Z',
      last_login_at: null,
      data_key: 'found',
      profile: { full_name: 'Ada Byron', phone_number: '+4915112345678', preferences: { locale: 'de' } },
    })
    const bob = await ask(admin, `/users/${bobId}`)
    expect(bob.body).toMatchObject({ is_verified: false, has_password: false, email: 'B***@example.com' })
    expect(await countOf('mail_jobs')).toBe(mails)
    const finished = await ask(admin, `/imports/${id}/finish`, { body: { reason: 'maintenance' } })
    expect(finished.body).toMatchObject({ next_line: 3, imported: 2, refused: 0, finished_at: expect.any(String) })
  })

  test('U1 is recorded, also for each imported user', async () => {
    const admin = await newAdmin()
    const [id = ''] = await importPeople(admin, people(1))
    const importId = String((await row('SELECT id FROM imports')).id)
    await ask(admin, `/imports/${importId}/finish`, { body: { reason: 'maintenance' } })
    const operator = { operator_session_id: expect.any(String), reason: 'maintenance', import_id: importId }
    const expected = {
      'import.started': operator,
      'import.continued': { ...operator, first_line: 1, lines: 1 },
      'user.imported': { ...operator, status: 'active' },
      'import.finished': operator,
    }
    for (const [action, detail] of Object.entries(expected)) {
      const subject_id = action === 'user.imported' ? id : null
      expect(await events(action), action).toMatchObject([
        { actor_id: admin.id, outcome: 'success', subject_id, detail },
      ])
    }
    expect((await events('user.imported'))[0]?.detail).not.toHaveProperty('line')
  })

  test('refuses a single line with a reason, without repeating its contents', async () => {
    const admin = await newAdmin()
    const known = await newUser()
    const secret = 'canary-of-a-refused-line'
    const refused: [string, string | null, unknown][] = [
      ['not_an_object', null, secret],
      ['not_an_object', null, null],
      ['not_an_object', null, [ada]],
      ['invalid_member', 'email', { full_name: secret }],
      ['invalid_member', 'email', { email: `${secret} <ada@example.com>` }],
      ['unknown_member', null, { ...ada, [secret]: true }],
      ['invalid_member', 'phone_number', { ...ada, phone_number: secret }],
      ['invalid_member', 'created_at', { ...ada, created_at: '2999-01-01T00:00:00Z' }],
      ['invalid_member', 'created_at', { ...ada, created_at: '1960-01-01T00:00:00Z' }],
      ['invalid_member', 'preferences', { ...ada, preferences: { [secret]: 'x'.repeat(9000) } }],
      ['hash_unsupported', 'password_hash', { ...ada, password_hash: secret }],
      ['hash_malformed', 'password_hash', { ...ada, password_hash: '$2b$10$short' }],
      ['hash_too_costly', 'password_hash', { ...ada, password_hash: BCRYPT.replace('$05$', '$31$') }],
      ['email_taken', 'email', { ...ada, email: known.email.toUpperCase() }],
    ]
    const id = await openImport(admin)
    const users = [...refused.map(([, , line]) => line), ada, { ...ada, email: ' ADA.BYRON@example.com ' }]
    const { body } = await sendLines(admin, { id, users })
    const expected = [...refused, ['email_taken', 'email'] as const].map(([code, member], i) => ({
      line: i < refused.length ? i + 1 : users.length,
      code,
      member,
    }))
    expect(body.refused).toEqual(expected)
    expect(body.imported).toHaveLength(1)
    const whole = await report(admin, id)
    expect(whole).toMatchObject({ imported: 1, refused: expected.length, refusals: expected, next_cursor: null })
    expect(await countOf('users')).toBe(3)
    // A key was created for this user alone.
    expect(await keyOwners()).toHaveLength(3)
    for (const table of ['imports', 'import_refusals', 'audit_events'])
      expect(JSON.stringify(await rows(`SELECT * FROM ${table}`)), table).not.toContain(secret)
  })

  test('reports refused lines page by page', async () => {
    const admin = await newAdmin()
    const id = await openImport(admin)
    await sendLines(admin, { id, users: [1, 2, 3] })
    const first = await ask(admin, `/imports/${id}?limit=2`)
    expect(first.body.refusals.map(({ line }: { line: number }) => line)).toEqual([1, 2])
    const link = /<([^>]+)>/.exec(first.headers.get('link') ?? '')?.[1] ?? ''
    const second = await ask(admin, link.replace('/api/v1/admin', ''))
    expect(second.body).toMatchObject({ refusals: [{ line: 3 }], next_cursor: null })
  })

  test('D1 stores no personal data in plain text', async () => {
    const admin = await newAdmin()
    await importPeople(admin, [ada])
    const tables = ['users', 'user_profiles', 'credentials', 'audit_events', 'imports']
    const text = JSON.stringify(await Promise.all(tables.map((table) => rows(`SELECT * FROM ${table}`)))).toLowerCase()
    for (const secret of ['byron', '15112345678', 'pictures.example', 'computes.', BCRYPT.slice(7).toLowerCase()])
      expect(text, secret).not.toContain(secret)
  })

  test('refuses an address whose owner can still undo a change of address (A5)', async () => {
    const admin = await newAdmin()
    const person = await newUser()
    await change(
      `INSERT INTO one_time_tokens (id, user_id, purpose, created_at, expires_at, address_index)
       SELECT 'kept', id, 'undo', 1, ?, email_index FROM users WHERE id = ?`,
      Date.now() + 60_000,
      person.id,
    )
    await change("UPDATE users SET email_index = '1.elsewhere' WHERE id = ?", person.id)
    const { body } = await sendLines(admin, { id: await openImport(admin), users: [{ email: person.email }] })
    expect(body.refused).toEqual([{ line: 1, code: 'email_taken', member: 'email' }])
  })
})

describe('lines that are sent again', () => {
  test('change nothing and get the same answer, even if their contents differ', async () => {
    const admin = await newAdmin()
    const id = await openImport(admin)
    const users = [...people(2), 'no user']
    const first = await sendLines(admin, { id, users })
    const before = await rows('SELECT * FROM users')
    expect((await sendLines(admin, { id, users })).body).toEqual(first.body)
    const others = await sendLines(admin, { id, users: people(3, 100) })
    expect(others.body).toEqual(first.body)
    expect(await rows('SELECT * FROM users')).toEqual(before)
    expect(await arrivals()).toHaveLength(2)
    // Some lines that were imported and some that were not.
    const more = await sendLines(admin, { id, firstLine: 3, users: ['no user', ...people(1, 3)] })
    expect(more.body).toMatchObject({ next_line: 5, imported: [{ line: 4 }], refused: [{ line: 3 }] })
  })

  test('get the same answer after a rotation of the root key, and after the update from 0.2.0 (K27)', async () => {
    const admin = await newAdmin()
    const id = await openImport(admin)
    const before = await sendLines(admin, { id, users: people(1) }, { env: envWithKeys([1]) })
    await sendLines(admin, { id, firstLine: 2, users: people(1, 2) }, { env: envWithKeys([2, 1]) })
    // 0.2.0 derived the id of a line from the id of the import alone.
    const plain = await plainId(id, 3)
    await env.DB.prepare(
      `INSERT INTO users (id, email_index, email_domain_index, email_enc, created_at, status)
       SELECT ?, '1.third', '1.third', email_enc, 1, 'active' FROM users WHERE id = ?`,
    )
      .bind(plain, admin.id)
      .run()
    await change('UPDATE imports SET next_line = 4 WHERE id = ?', id)
    const again = await sendLines(admin, { id, users: people(3) }, { env: envWithKeys([2, 1]) })
    expect(again.body.imported.map(({ line }: { line: number }) => line)).toEqual([1, 2, 3])
    expect(again.body.imported[0]).toEqual(before.body.imported[0])
    expect(again.body.imported[2].id).toBe(plain)
    // Nobody can compute the ids of the first two lines from the id of the import, which the archive keeps.
    for (const { line, id: userId } of again.body.imported.slice(0, 2)) expect(userId).not.toBe(await plainId(id, line))
  })

  test.each(SIZES)('%i times at once are imported once', async (size) => {
    const admin = await newAdmin()
    const id = await openImport(admin)
    const users = [...people(3), 'no user']
    const answers = await burst(size, () => sendLines(admin, { id, users }))
    expect(statuses(answers)).toEqual({ 200: size })
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1)
    expect(answers[0]?.body).toMatchObject({ next_line: 5, refused: [{ line: 4 }] })
    expect(await countOf('users')).toBe(1 + 3)
    for (const table of ['credentials', 'user_profiles']) expect(await countOf(table), table).toBe(1 + 3)
    expect(await arrivals()).toHaveLength(3)
    expect(await keyOwners()).toHaveLength(1 + 3)
  })

  test('are imported completely after a kill at any call, without partial users (D6)', async () => {
    const admin = await newAdmin()
    let people = 0
    let wasKilled = true
    for (let at = 0; wasKilled; at++) {
      for (const fault of ['fail', 'lose-reply'] as const) {
        const id = await openImport(admin)
        const users = [{ ...ada, email: `killed${++people}@example.com` }]
        const faulty = faultyEnv(env, killedAt(at, fault))
        await sendLines(admin, { id, users }, { env: faulty.env })
        wasKilled = faulty.calls.length > at
        const { status, body } = await sendLines(admin, { id, users })
        expect([status, body.imported.length], `${fault} ${at}`).toEqual([200, 1])
      }
    }
    expect(people).toBeGreaterThan(8)
    for (const table of ['users', 'credentials', 'user_profiles']) expect(await countOf(table)).toBe(1 + people)
    expect(await arrivals()).toHaveLength(people)
    expect(await keyOwners()).toHaveLength(1 + people)
  })

  test.each([
    ['leave a gap', 3, 409, 'state_conflict'],
    ['come to nowhere', 1, 404, 'not_found'],
  ])('are refused when they %s, and that is recorded', async (kind, firstLine, status, code) => {
    const admin = await newAdmin()
    const id = kind === 'leave a gap' ? await openImport(admin) : crypto.randomUUID()
    const answer = await sendLines(admin, { id, firstLine, users: people(1) })
    expect([answer.status, answer.body.code]).toEqual([status, code])
    expect(await events('import.continued')).toMatchObject([{ outcome: 'failure', detail: { import_id: id } }])
    expect(await countOf('users')).toBe(1)
  })

  test('are refused once the import is finished, and it finishes once', async () => {
    const admin = await newAdmin()
    const id = await openImport(admin)
    const finish = () => ask(admin, `/imports/${id}/finish`, { body: { reason: 'maintenance' } })
    expect(statuses(await burst(4, finish))).toEqual({ 200: 1, 409: 3 })
    expect((await sendLines(admin, { id, users: people(1) })).status).toBe(409)
    expect(await keyOwners()).toHaveLength(1)
  })

  test('change nothing while a root key that users depend on is missing (D4)', async () => {
    const admin = await newAdmin()
    const id = await openImport(admin)
    await importPeople(admin, people(1))
    const other = envWithKeys([2])
    const answer = await sendLines(admin, { id, users: people(1, 2) }, { env: other, token: admin.accessToken })
    expect([401, 503]).toContain(answer.status)
    expect(await countOf('users')).toBe(2)
  })

  test('A2 are at most 50, and 64 KiB', async () => {
    const admin = await newAdmin()
    const id = await openImport(admin)
    expect((await sendLines(admin, { id, users: people(51) })).status).toBe(422)
    expect((await sendLines(admin, { id, users: [] })).status).toBe(422)
    const large = await sendLines(admin, { id, users: [{ email: 'x', bio: 'x'.repeat(70_000) }] })
    expect(large.status).toBe(413)
    expect((await sendLines(admin, { id, users: people(50) })).body.imported).toHaveLength(50)
  })
})

test('an import and its refusals are deleted 90 days after its last line', async () => {
  const admin = await newAdmin()
  const id = await openImport(admin)
  await sendLines(admin, { id, users: [1, 2] })
  vi.setSystemTime(Date.now() + 89 * 86_400_000)
  await runCron()
  expect(await countOf('import_refusals')).toBe(2)
  vi.setSystemTime(Date.now() + 2 * 86_400_000)
  await runCron()
  expect([await countOf('imports'), await countOf('import_refusals')]).toEqual([0, 0])
})

test('lines are looked up only by index', async () => {
  const admin = await newAdmin()
  const id = await openImport(admin)
  const { env: recorded, plans } = recordQueries()
  await sendLines(admin, { id, users: [...people(3), 'no user'] }, { env: recorded })
  const scans = (await plans()).filter((plan) =>
    /^SCAN (?!json_each|root_keys|sqlite_schema|CONSTANT ROW|\(subquery|value|ring)/.test(plan),
  )
  expect(scans).toEqual([])
})

test('an imported user can sign in, be exported and be erased', async () => {
  const admin = await newAdmin()
  const [id = ''] = await importPeople(admin, [{ ...ada, password_hash: null }])
  await change("UPDATE credentials SET password_hash = 'plain|correct horse battery staple' WHERE user_id = ?", id)
  const answer = await signInPlainly({ id, email: ada.email, accessToken: '', refreshToken: '' })
  expect(answer.body.user).toEqual({ id, email: 'Ada.Byron@example.com', is_verified: true })
  const activity = await get('/users/me/activity', answer.body.access_token)
  expect(activity.body.events.map(({ action }: { action: string }) => action)).toEqual([
    'user.signed_in',
    'user.imported',
  ])
  await ask(admin, `/users/${id}/erase`, { body: { reason: 'user_request', immediate: true } })
  await runCronWithArchive()
  expect(await keyOwners()).toEqual([admin.id])
  expect((await ask(admin, `/users/${id}`)).body.is_erased).toBe(true)
})
