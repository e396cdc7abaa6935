import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import {
  type Answer,
  burst,
  type Call,
  call,
  get,
  newPerson,
  PASSWORD,
  type Person,
  post,
  signIn,
  statuses,
} from '../support/api.ts'
import { countCalls, failingAt } from '../support/intercept-stores.ts'
import { appOfTestUsers } from '../support/passwords.ts'
import { SIZES } from '../support/sizes.ts'
import { recordWaits } from '../support/waits.ts'

const decide = (person: Person, document: string, body: unknown): Promise<Answer> =>
  call(`/api/v1/users/me/consents/${document}`, { method: 'PUT', token: person.accessToken, body })

const list = ({ accessToken }: Person) => get('/users/me/consents', accessToken)

const countOf = async (query: string): Promise<number> =>
  (await env.DB.prepare(`SELECT count(*) AS n FROM ${query}`).first<{ n: number }>())?.n ?? -1

const countDecided = () => countOf("audit_events WHERE action = 'consent.decided'")

describe('the consent ledger', () => {
  it('keeps every decision and shows the newest for each document', async () => {
    const person = await newPerson()
    const granted = await decide(person, 'terms', { version: '2026-01', decision: 'granted' })
    expect(granted).toMatchObject({
      status: 200,
      body: { document: 'terms', version: '2026-01', decision: 'granted', source: 'user' },
    })
    await decide(person, 'newsletter', { version: '1', decision: 'granted' })
    await decide(person, 'newsletter', { version: '1', decision: 'withdrawn' })
    const { status, body } = await list(person)
    expect(status).toBe(200)
    expect(body.consents).toHaveLength(2)
    expect(body.consents).toContainEqual(granted.body)
    expect(body.consents).toContainEqual(expect.objectContaining({ document: 'newsletter', decision: 'withdrawn' }))
    expect(body.history.map(({ document }: { document: string }) => document).sort()).toEqual([
      'newsletter',
      'newsletter',
      'terms',
    ])
    expect(await countDecided()).toBe(3)
  })

  it('does not record a repeat of the newest decision', async () => {
    const person = await newPerson()
    const first = await decide(person, 'terms', { version: '1', decision: 'granted' })
    const second = await decide(person, 'terms', { version: '1', decision: 'granted' })
    expect(second.body).toEqual(first.body)
    expect(await countOf('consents')).toBe(1)
    expect(await countDecided()).toBe(1)
    await decide(person, 'terms', { version: '1', decision: 'withdrawn' })
    await decide(person, 'terms', { version: '1', decision: 'granted' })
    expect((await list(person)).body.history).toHaveLength(3)
  })

  it.each(SIZES)('records one decision once when it is sent %d times at the same moment', async (times) => {
    const person = await newPerson()
    const burst = Array.from({ length: times }, () => decide(person, 'terms', { version: '1', decision: 'granted' }))
    const answers = await Promise.all(burst)
    expect(new Set(answers.map(({ status, body }) => JSON.stringify([status, body]))).size).toBe(1)
    expect(answers[0]?.status).toBe(200)
    expect(await countOf('consents')).toBe(1)
    expect(await countDecided()).toBe(1)
  })

  it('has one newest decision after many contradictory ones at once', async () => {
    const person = await newPerson()
    const burst = Array.from({ length: 20 }, (_, i) =>
      decide(person, 'terms', { version: '1', decision: i % 2 ? 'granted' : 'withdrawn' }),
    )
    await Promise.all(burst)
    const { history, consents } = (await list(person)).body
    const times = history.map(({ decided_at }: { decided_at: string }) => decided_at)
    expect(new Set(times).size).toBe(times.length)
    expect(consents).toEqual([history[0]])
    expect(await countDecided()).toBe(history.length)
  })

  it.each([
    ['Terms', { version: '1', decision: 'granted' }],
    ['.terms', { version: '1', decision: 'granted' }],
    ['a'.repeat(65), { version: '1', decision: 'granted' }],
    ['te%00rms', { version: '1', decision: 'granted' }],
    ['terms', { version: '', decision: 'granted' }],
    ['terms', { version: 'a'.repeat(65), decision: 'granted' }],
    ['terms', { version: 'a\nb', decision: 'granted' }],
    ['terms', { version: '1', decision: 'maybe' }],
    ['terms', { version: '1', decision: 'granted', source: 'sec-gpc' }],
    ['terms', { version: '1', decision: 'granted', user_id: crypto.randomUUID() }],
    ['terms', { decision: 'granted' }],
  ])('refuses %s %j', async (document, body) => {
    const person = await newPerson()
    expect((await decide(person, document, body)).status).toBe(422)
    expect(await countOf('consents')).toBe(0)
  })

  it('refuses a session that has ended, at once', async () => {
    const person = await newPerson()
    await post('/auth/logout', { refresh_token: person.refreshToken })
    expect((await list(person)).status).toBe(401)
    expect((await decide(person, 'terms', { version: '1', decision: 'granted' })).status).toBe(401)
    expect(await countOf('consents')).toBe(0)
    expect(await countDecided()).toBe(0)
  })

  it('shows no decisions of another person', async () => {
    const [one, other] = [await newPerson(), await newPerson()]
    await decide(one, 'terms', { version: '1', decision: 'granted' })
    expect((await list(other)).body).toEqual({ consents: [], history: [], next_cursor: null })
  })
})

describe('the limits of the ledger', () => {
  const fill = (person: Person, documents: number, decisions: number) =>
    env.DB.prepare(
      `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?2)
       INSERT INTO consents (id, user_id, document, version, decision, decided_at, source)
       SELECT printf('00000000-0000-7000-8000-%012d', i), ?1, 'doc' || CAST(i % ?3 AS INTEGER), 'v' || i, 'granted', i, 'user' FROM n`,
    )
      .bind(person.id, documents * decisions, documents)
      .run()
  const version = (n: number) => ({ version: `${n}`, decision: 'granted' })

  it.each([2, 16])(
    'are 20 decisions about a document a day, also with %d at once, and a repeat does not count',
    async (size) => {
      const person = await newPerson()
      for (let i = 0; i < 19; i++) await decide(person, 'terms', version(i))
      const answers = await Promise.all(
        Array.from({ length: size }, (_, i) => decide(person, 'terms', version(100 + i))),
      )
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
      expect(answers.filter(({ body }) => body.code === 'rate_limited')).toHaveLength(size - 1)
      expect(await countOf('consents')).toBe(20)
      const newest = answers.find(({ status }) => status === 200)?.body
      expect((await decide(person, 'terms', { version: newest.version, decision: 'granted' })).body).toEqual(newest)
      expect((await decide(person, 'other', version(1))).status).toBe(200)
    },
  )

  it('are 200 documents, and later decisions about the known ones are accepted', async () => {
    const person = await newPerson()
    await fill(person, 200, 1)
    expect(await decide(person, 'one-more', version(1))).toMatchObject({
      status: 409,
      body: { code: 'state_conflict' },
    })
    expect((await decide(person, 'doc7', version(1))).status).toBe(200)
    expect(await countOf('consents')).toBe(201)
  })

  it('are 100 decisions a page, with a cursor for the next page, until all are shown', async () => {
    const person = await newPerson()
    await fill(person, 5, 50)
    const seen: string[] = []
    let path: string | undefined = '/api/v1/users/me/consents'
    while (path !== undefined) {
      const { body, headers } = await call(path, { token: person.accessToken })
      expect(body.consents.map((one: { version: string }) => one.version)).toEqual([
        'v249',
        'v248',
        'v247',
        'v246',
        'v245',
      ])
      seen.push(...body.history.map((one: { version: string }) => one.version))
      expect(body.history.length).toBeLessThanOrEqual(100)
      path = /^<(.+)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1]
    }
    expect(seen).toEqual(Array.from({ length: 250 }, (_, i) => `v${249 - i}`))
  })
})

describe('Global Privacy Control', () => {
  const body = { email: 'gpc@example.com', password: PASSWORD }

  it('is recorded as an opt-out with the registration', async () => {
    const { status, body: registered } = await post('/auth/register', body, { headers: { 'sec-gpc': '1' } })
    expect(status).toBe(201)
    const row = await env.DB.prepare('SELECT user_id, document, version, decision, source FROM consents').first()
    expect(row).toEqual({
      user_id: registered.id,
      document: 'sale-or-sharing',
      version: 'gpc',
      decision: 'withdrawn',
      source: 'sec-gpc',
    })
    expect(await countDecided()).toBe(1)
  })

  it('leaves no decision when the registration is refused', async () => {
    await post('/auth/register', body)
    expect((await post('/auth/register', body, { headers: { 'sec-gpc': '1' } })).status).toBe(409)
    expect(await countOf('consents')).toBe(0)
    expect(await countDecided()).toBe(0)
  })

  it.each(['0', 'true', ''])('is not set by Sec-GPC: %j', async (value) => {
    await post('/auth/register', body, { headers: { 'sec-gpc': value } })
    expect(await countOf('consents')).toBe(0)
  })
})

describe('the documents of a registration', () => {
  const document = (version: string, required: boolean) => ({ version, required, title: 'X', url: 'https://a.example' })
  const CONSENT_DOCUMENTS = JSON.stringify({ terms: document('2026-11', true), newsletter: document('1', false) })
  const settings = { CONSENT_DOCUMENTS }
  const terms = { document: 'terms', version: '2026-11' }
  const newsletter = { document: 'newsletter', version: '1' }
  const register = (consents: unknown, { email = 'ada@example.com', ...options }: Call & { email?: string } = {}) =>
    post('/auth/register', { email, password: PASSWORD, consents }, { env: { ...env, ...settings }, ...options })

  it('D9 are kept with the account, with version and time, as its own decisions', async () => {
    const before = Date.now()
    const { status } = await register([terms, newsletter], { headers: { 'sec-gpc': '1' } })
    expect(status).toBe(201)
    const { consents } = (await get('/users/me/consents', (await signIn('ada@example.com')).accessToken)).body
    expect(consents).toHaveLength(3)
    expect(consents).toContainEqual({ ...terms, decision: 'granted', source: 'user', decided_at: expect.any(String) })
    expect(consents).toContainEqual(expect.objectContaining({ ...newsletter, decision: 'granted', source: 'user' }))
    for (const { decided_at } of consents) expect(Date.parse(decided_at)).toBeGreaterThanOrEqual(before - 1000)
    expect(await countDecided()).toBe(3)
  })

  it('D9 are those that were sent: what is not required may be missing', async () => {
    expect((await register([terms])).status).toBe(201)
    expect(await countOf('consents')).toBe(1)
  })

  it.each([
    ['none', undefined, '/consents'],
    ['an empty list', [], '/consents'],
    ['only what is not required', [newsletter], '/consents'],
    ['an older version', [{ ...terms, version: '2025-11' }], '/consents/0/version'],
    ['an older version of what is not required', [terms, { ...newsletter, version: '0' }], '/consents/1/version'],
    ['a document that the service has not', [terms, { ...terms, document: 'other' }], '/consents/1/document'],
    [
      'the document of the browser’s signal',
      [terms, { document: 'sale-or-sharing', version: 'gpc' }],
      '/consents/1/document',
    ],
    ['one twice', [terms, terms], '/consents/1/document'],
    ['a decision', [{ ...terms, decision: 'withdrawn' }], '/consents/0/decision'],
    ['no list', terms, '/consents'],
    ['nine', Array.from({ length: 9 }, () => terms), '/consents'],
  ])(
    'D9 are refused with %s, alike for every address, before anything but the quota is read',
    async (_, sent, pointer) => {
      await post('/auth/register', { email: 'ada@example.com', password: PASSWORD }, { app: appOfTestUsers })
      const [users, events] = [await countOf('users'), await countOf('audit_events')]
      for (const path of ['/auth/register', '/auth/sign-up']) {
        const found = ['ada@example.com', 'new@example.com'].map(async (email) => {
          const { env: counted, calls } = countCalls(settings)
          const password = path === '/auth/register' ? PASSWORD : undefined
          const { status, body } = await post(path, { email, password, consents: sent }, { env: counted })
          return { status, errors: body.errors, calls }
        })
        const [known, unknown] = await Promise.all(found)
        expect(known).toMatchObject({ status: 422, errors: [{ pointer }] })
        expect(known).toEqual(unknown)
        const batches = known?.calls.filter((call) => !call.startsWith('LIMITS'))
        expect([[], ['DB.batch']]).toContainEqual(batches)
      }
      expect([await countOf('users'), await countOf('audit_events')]).toEqual([users, events])
      expect(await countOf('consents')).toBe(0)
    },
  )

  it('D9 are none where the setting has none', async () => {
    const answer = await register([terms], { env })
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ pointer: '/consents/0/document' }] } })
    expect((await register(undefined, { env })).status).toBe(201)
  })

  it.each(['public', 'private'])('D9 E3 change nothing for a known address, and cost the same: %s', async (mode) => {
    const recorder = recordWaits({ ...settings, REGISTRATION_MODE: mode })
    const body = { email: 'ada@example.com', password: PASSWORD, consents: [terms, newsletter] }
    const [unknown, known] = [
      await recorder.measure('/api/v1/auth/register', { body }),
      await recorder.measure('/api/v1/auth/register', { body }),
    ]
    expect([unknown.answer.status, known.answer.status]).toEqual(mode === 'private' ? [202, 202] : [201, 409])
    expect(known.rounds).toEqual(unknown.rounds)
    expect([await countOf('consents'), await countDecided()]).toEqual([2, 2])
    expect(await countOf("audit_events WHERE action = 'consent.refused'")).toBe(2)
  })

  it.each(SIZES)('D9 are kept once when %i registrations of one address arrive at once', async (size) => {
    const answers = await burst(size, () => register([terms, newsletter], { app: appOfTestUsers }))
    expect(statuses(answers)).toEqual({ 201: 1, 409: size - 1 })
    const { id } = answers.find(({ status }) => status === 201)?.body ?? {}
    expect(await countOf(`consents WHERE user_id = '${id}' AND version IN ('2026-11', '1')`)).toBe(2)
    expect([await countOf('consents'), await countDecided()]).toEqual([2, 2])
  })

  it('D9 are not kept without the account when the database fails', async () => {
    const failed = { ...failingAt('DB.batch', 2), ...settings }
    expect((await register([terms], { env: failed })).status).toBe(503)
    expect([await countOf('users'), await countOf('consents'), await countDecided()]).toEqual([0, 0, 0])
  })
})
