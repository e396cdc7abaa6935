import { afterEach, describe, expect, test, vi } from 'vitest'
import { type Answer, get, type Person } from '../support/api.ts'
import { runCronWithArchive } from '../support/erasures.ts'
import { failing } from '../support/intercept-stores.ts'
import { act, ask, grant, newAdmin, newUser } from '../support/operators.ts'
import { recordQueries } from '../support/query-plans.ts'
import { runCron } from '../support/service.ts'
import { change, events } from '../support/stores.ts'

afterEach(() => {
  vi.useRealTimers()
})

const search = (operator: Person, query: Record<string, string> = {}): Promise<Answer> =>
  ask(operator, `/users?${new URLSearchParams(query)}`)

const idsOf = ({ body }: Answer): string[] => body.users.map(({ id }: { id: string }) => id)

/** Registers users one second apart, so that their order is known. */
async function newUsers(count: number): Promise<Person[]> {
  const users: Person[] = []
  for (let i = 0; i < count; i++) {
    vi.setSystemTime(Date.now() + 1000)
    users.push(await newUser())
  }
  return users
}

describe('searching users', () => {
  test('lists users newest first, each on one page, with masked addresses', async () => {
    vi.setSystemTime(Date.now())
    const admin = await newAdmin()
    const users = await newUsers(4)
    const seen: string[] = []
    let path: string | undefined = '/admin/users?limit=2'
    while (path !== undefined) {
      const page: Answer = await get(path, admin.accessToken)
      expect(page.status).toBe(200)
      expect(page.body.users.length).toBeLessThanOrEqual(2)
      for (const { email } of page.body.users) expect(email).toBe('p***@example.com')
      seen.push(...idsOf(page))
      const [, link] = /^<\/api\/v1(.*)>; rel="next"$/.exec(page.headers.get('link') ?? '') ?? []
      expect(link === undefined).toBe(page.body.next_cursor === null)
      path = link
    }
    expect(seen).toEqual([...users.map(({ id }) => id).reverse(), admin.id])
  })

  test('lists each user once when all registered in the same millisecond', async () => {
    const admin = await newAdmin()
    await Promise.all(Array.from({ length: 5 }, () => newUser()))
    await change('UPDATE users SET created_at = 5')
    const pages = [await search(admin, { limit: '3' })]
    pages.push(await search(admin, { limit: '3', cursor: pages[0]?.body.next_cursor }))
    const ids = pages.flatMap(idsOf)
    expect([ids.length, new Set(ids).size]).toEqual([6, 6])
  })

  test('A5 finds an address by each of its spellings, and none by a part of it', async () => {
    const [admin, person] = [await newAdmin(), await newUser()]
    for (const spelling of [person.email, person.email.toUpperCase(), ` ${person.email}`])
      expect(idsOf(await search(admin, { email: spelling }))).toEqual([person.id])
    for (const other of [`x${person.email}`, person.email.slice(1)])
      expect(idsOf(await search(admin, { email: other }))).toEqual([])
    for (const wrong of ['%', 'person', '', '*@example.com'])
      expect((await search(admin, { email: wrong })).status).toBe(wrong === '*@example.com' ? 200 : 422)
  })

  test('finds users by domain, status, role and time, and by all of them together', async () => {
    vi.setSystemTime(Date.now())
    const admin = await newAdmin()
    const [one, two, three] = (await newUsers(3)) as [Person, Person, Person]
    await grant(one, 'support')
    await grant(two, 'support')
    await act(admin, two, 'suspend')
    const before = new Date(Date.now()).toISOString()
    expect(idsOf(await search(admin, { status: 'suspended' }))).toEqual([two.id])
    expect(idsOf(await search(admin, { status: 'active' }))).toEqual([three.id, one.id, admin.id])
    expect(idsOf(await search(admin, { role: 'support' }))).toEqual([one.id, two.id].sort())
    expect(idsOf(await search(admin, { role: 'support', status: 'active' }))).toEqual([one.id])
    expect(idsOf(await search(admin, { created_before: before }))).toEqual([two.id, one.id, admin.id])
    expect(idsOf(await search(admin, { created_after: before }))).toEqual([three.id])
    expect(idsOf(await search(admin, { email_domain: 'EXAMPLE.com', limit: '2' }))).toEqual([three.id, two.id])
    expect(idsOf(await search(admin, { email_domain: 'example.org' }))).toEqual([])
    const all = { email_domain: 'example.com', role: 'support', status: 'suspended', created_before: before }
    expect(idsOf(await search(admin, all))).toEqual([two.id])
    expect(idsOf(await search(admin, { ...all, email: two.email }))).toEqual([two.id])
    expect(idsOf(await search(admin, { ...all, email: one.email }))).toEqual([])
  })

  test('pages through the holders of a role', async () => {
    const admin = await newAdmin()
    const holders = await Promise.all(Array.from({ length: 5 }, () => newUser()))
    for (const holder of holders) await grant(holder, 'support')
    const first = await search(admin, { role: 'support', limit: '3' })
    const second = await search(admin, { role: 'support', limit: '3', cursor: first.body.next_cursor })
    expect([...idsOf(first), ...idsOf(second)]).toEqual(holders.map(({ id }) => id).sort())
    expect(second.body.next_cursor).toBeNull()
  })

  test('U1 records the names of the filters without their values, and the user whose address was searched', async () => {
    const [admin, person] = [await newAdmin(), await newUser()]
    await search(admin, { email: person.email, status: 'active' })
    await search(admin, { email: 'stranger@unknown-canary.example' })
    expect(
      (await events('operator.users_searched')).map(({ subject_id, detail }) => [subject_id, detail.filters]),
    ).toEqual([
      [person.id, ['email', 'status']],
      [null, ['email']],
    ])
  })

  test.each([
    'limit=0',
    'limit=51',
    'cursor=1',
    'cursor=1.x',
    'status=erased',
    'role=Admin',
    'created_after=yesterday',
    'created_after=2026-01-01T00:00:00',
    'email_domain=a%00b',
    'email_domain=%25',
    'offset=5',
    'limit=1&limit=2',
  ])('A2 A6 refuses %s', async (query) => {
    expect((await ask(await newAdmin(), `/users?${query}`)).body.code).toBe('validation_failed')
  })

  test('H6 lists users without the addresses that cannot be read', async () => {
    const [admin, person] = [await newAdmin(), await newUser()]
    const down = failing((name) => name.startsWith('VAULT') || name.startsWith('KEY_CACHE'), 'down')
    const { status, body } = await ask(admin, `/users?email=${person.email}`, { env: down })
    expect([status, body.users[0]]).toEqual([200, expect.objectContaining({ id: person.id, email: null })])
    await change(`UPDATE users SET email_enc = 'v1.AAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA' WHERE id = ?`, person.id)
    expect((await search(admin, { email: person.email })).body.users[0].email).toBeNull()
  })
})

describe('viewing a user', () => {
  const PROFILE = { full_name: 'Ada Lovelace', phone_number: '+4915112345678', preferences: { theme: 'dark' } }
  const view = (operator: Person, person: Person, query = '') => ask(operator, `/users/${person.id}${query}`)

  test('D1 masks personal data unless a reason is given, and records both', async () => {
    const [admin, person] = [await newAdmin(), await newUser(PROFILE)]
    const masked = await view(admin, person)
    expect(masked.body).toMatchObject({
      id: person.id,
      status: 'active',
      email: 'p***@example.com',
      profile: { full_name: 'A*** L***', phone_number: '+49***78', avatar_url: null, bio: null, preferences: '***' },
      ...{
        has_password: true,
        live_sessions: 1,
        data_key: 'found',
        is_revealed: false,
        erasure: null,
        legal_hold: null,
      },
    })
    expect(JSON.stringify(masked.body)).not.toMatch(/Lovelace|12345|dark|person\d/)
    const revealed = await view(admin, person, '?reveal=true&reason=support_case')
    expect(revealed.body).toMatchObject({ email: person.email, profile: PROFILE, is_revealed: true })
    const viewed = await events('operator.user_viewed')
    expect(viewed.map(({ subject_id, detail }) => [subject_id, detail.revealed_for])).toEqual([
      [person.id, undefined],
      [person.id, 'support_case'],
    ])
  })

  test.each([
    '?reveal=true',
    '?reason=support_case',
    '?reveal=true&reason=curiosity',
    '?reveal=yes&reason=abuse',
    '?x=1',
  ])('D1 refuses %s', async (query) => {
    const [admin, person] = [await newAdmin(), await newUser()]
    expect((await view(admin, person, query)).status).toBe(422)
  })

  test('R6 unmasks data only within five minutes of a sign-in', async () => {
    const [admin, person] = [await newAdmin(), await newUser()]
    vi.setSystemTime(Date.now() + 5 * 60_000 + 2000)
    expect((await view(admin, person)).status).toBe(200)
    expect((await view(admin, person, '?reveal=true&reason=abuse')).body.code).toBe('step_up_required')
  })

  test('shows the decisions about the account', async () => {
    const [admin, person] = [await newAdmin(), await newUser()]
    await act(admin, person, 'legal-hold', { action: 'place', reason: 'legal_claim' })
    await act(admin, person, 'erase', { immediate: true })
    expect((await view(admin, person)).body).toMatchObject({
      status: 'deleted',
      live_sessions: 0,
      legal_hold: { reason: 'legal_claim' },
      erasure: { state: 'held', basis: 'operator_request', completed_at: null },
    })
  })

  test('D7 shows only a pseudonym and the completed erasure after a purge', async () => {
    const [admin, person] = [await newAdmin(), await newUser(PROFILE)]
    await act(admin, person, 'erase', { immediate: true })
    await runCronWithArchive()
    const { body } = await view(admin, person, '?reveal=true&reason=abuse')
    expect(body).toMatchObject({
      is_erased: true,
      email: null,
      profile: null,
      data_key: 'destroyed',
      has_password: false,
      erasure: { state: 'completed' },
    })
  })

  test('A1 does not find an unknown user', async () => {
    const admin = await newAdmin()
    expect((await ask(admin, `/users/${crypto.randomUUID()}`)).status).toBe(404)
    expect((await ask(admin, '/users/1')).status).toBe(404)
    expect(await events('operator.user_viewed')).toEqual([
      expect.objectContaining({ outcome: 'failure', subject_id: null }),
    ])
  })
})

/** All queries with no filter, one filter, two filters, and all filters. */
function combinations(filters: Readonly<Record<string, string>>): Record<string, string>[] {
  const each = Object.entries(filters)
  const pairs = each.flatMap(([name, value], i) =>
    each.slice(i + 1).map(([other, its]) => ({ [name]: value, [other]: its })),
  )
  return [{}, ...each.map(([name, value]) => ({ [name]: value })), ...pairs, filters]
}

// These tables have a few rows, or one row for each job of a few months. The guard of operators' batches
// reads the list of the schema, about a hundred rows that do not become more with users.
const SMALL =
  /^SCAN (user_counts|passkey_counts|job_runs|archive_head|log_head|alarms|sqlite_schema|json_each|CONSTANT ROW|\(subquery|value)/

describe('no statement scans a table', () => {
  const FILTERS = {
    email: 'ada@example.com',
    email_domain: 'example.com',
    status: 'suspended',
    role: 'support',
    created_after: '2026-01-01T00:00:00Z',
    created_before: '2027-01-01T00:00:00Z',
    cursor: `1.${crypto.randomUUID()}`,
  }
  const EVENT_FILTERS = {
    actor: crypto.randomUUID(),
    subject: crypto.randomUUID(),
    action: 'user.suspended',
    occurred_after: FILTERS.created_after,
    occurred_before: FILTERS.created_before,
    cursor: '01a20beb-e3d7-7000-8000-000000000000',
  }

  test.each([
    ['users', '/users', combinations(FILTERS)],
    ['active users', '/users', combinations({ status: 'active', created_after: FILTERS.created_after })],
    ['events', '/audit', combinations(EVENT_FILTERS)],
    ['erasures', '/erasures', ['due', 'pending', 'completed', 'failed', 'held'].map((state) => ({ state }))],
    ['the statistics', '/stats', [{}]],
  ] as [string, string, Record<string, string>[]][])('in %s', async (_, path, queries) => {
    const admin = await newAdmin()
    const recorder = recordQueries()
    for (const query of queries) {
      const answer = await ask(admin, `${path}?${new URLSearchParams(query)}`, { env: recorder.env })
      expect(answer.status).toBe(200)
      const plans = await recorder.plans()
      expect(plans.some((step) => step.startsWith('SEARCH'))).toBe(true)
      const scans = plans.filter((step) => step.startsWith('SCAN') && !SMALL.test(step))
      expect(scans, JSON.stringify(query)).toEqual([])
      // Sorting a page never involves more rows than two pages have.
      const sorts = plans.filter((step) => step.startsWith('USE TEMP B-TREE FOR ORDER BY'))
      const isMerged = 'actor' in query || 'email' in query || 'email_domain' in query
      if (!isMerged && path !== '/stats') expect(sorts, JSON.stringify(query)).toEqual([])
    }
  })

  test('in a change of an account or its roles', async () => {
    const [admin, person] = [await newAdmin(), await newUser()]
    const recorder = recordQueries()
    for (const [name, body] of [
      ['suspend', {}],
      ['reactivate', {}],
      ['revoke-sessions', {}],
      ['require-password-reset', {}],
      ['legal-hold', { action: 'place' }],
      ['erase', {}],
      ['restore', {}],
    ] as const) {
      expect((await act(admin, person, name, body, { env: recorder.env })).status, name).toBeLessThan(300)
    }
    await act(admin, person, 'roles', { roles: ['admin'] }, { env: recorder.env, method: 'PUT' })
    await act(admin, person, 'roles', { roles: [] }, { env: recorder.env, method: 'PUT' })
    const scans = (await recorder.plans()).filter((step) => step.startsWith('SCAN') && !SMALL.test(step))
    expect(scans).toEqual([])
  })

  test('when the cron looks for expired suspensions', async () => {
    const recorder = recordQueries()
    await runCron(recorder.env, '*/5 * * * *')
    expect(await recorder.plans()).toContain('SEARCH users USING INDEX users_suspended_until (suspended_until<?)')
  })
})
