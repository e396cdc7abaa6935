import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { burst, type Call, call, get, newPerson, type Person, post, statuses } from '../support/api.ts'
import { listenToConsole } from '../support/console.ts'
import { plainApp as app } from '../support/passwords.ts'
import { SIZES } from '../support/sizes.ts'
import { change, databaseText, events, row } from '../support/stores.ts'

const ME = '/api/v1/users/me'

let ada: Person
let eve: Person

beforeEach(async () => {
  ada = await newPerson({ full_name: 'Ada', phone_number: '+4915112345678', preferences: { theme: 'dark' } }, { app })
  eve = await newPerson({ full_name: 'Eve', phone_number: '+4915187654321' }, { app })
})

afterEach(() => {
  vi.restoreAllMocks()
})

const read = (person: Person, options: Call = {}) => get('/users/me', person.accessToken, options)
const patch = (person: Person, body: unknown, headers: Record<string, string> = {}, method = 'PATCH') =>
  call(ME, { method, token: person.accessToken, body, headers })

describe('the user of a profile request', () => {
  test('A1 is determined only by the token, whatever is in the query, headers and cookies', async () => {
    const headers = {
      'x-user-id': ada.id,
      'x-forwarded-user': ada.id,
      'cf-access-authenticated-user-email': ada.email,
      cookie: `__Host-lk_rt=${ada.refreshToken}; user_id=${ada.id}`,
    }
    const query = `?user_id=${ada.id}&id=${ada.id}&sub=${ada.id}&access_token=${ada.accessToken}`
    const answer = await call(`${ME}${query}`, { token: eve.accessToken, headers })
    expect(answer.body).toMatchObject({ id: eve.id, email: eve.email })
    expect((await call(`${ME}${query}`, { headers })).status).toBe(401)
    expect((await call(`/api/v1/users/${ada.id}`, { token: eve.accessToken })).status).toBe(404)
  })

  test('A1 is not determined by the body', async () => {
    for (const member of ['id', 'user_id', 'sub', 'email']) {
      const answer = await patch(eve, { [member]: ada.id, bio: 'changed' })
      expect(answer).toMatchObject({ status: 422, body: { errors: [{ pointer: `/${member}` }] } })
    }
    expect((await read(ada)).body.profile.bio).toBeNull()
  })
})

describe('changing a profile', () => {
  test('clears members that are null, keeps absent ones, and records the changed fields without their values', async () => {
    const before = await read(ada)
    const answer = await patch(ada, { bio: 'Computes.', phone_number: null })
    expect(answer.body).toMatchObject({
      ...before.body,
      profile: { full_name: 'Ada', phone_number: null, bio: 'Computes.' },
    })
    expect((await read(ada)).body).toEqual(answer.body)
    expect((await read(eve)).body.profile).toMatchObject({
      full_name: 'Eve',
      phone_number: '+4915187654321',
      bio: null,
    })
    const [event] = await events('profile.updated')
    expect(event).toMatchObject({ actor_id: ada.id, subject_id: ada.id })
    expect(event?.detail.fields.sort()).toEqual(['bio', 'phone_number'])
    expect(await databaseText()).not.toContain('Computes.')
  })

  test('is the same by PUT', async () => {
    const answer = await patch(ada, { bio: 'Computes.' }, {}, 'PUT')
    expect(answer).toMatchObject({ status: 200, body: { profile: { full_name: 'Ada', bio: 'Computes.' } } })
  })

  test.each([
    'role',
    'roles',
    'status',
    'is_verified',
    'id',
    'email',
    'email_enc',
    'security_epoch',
    'password',
    'constructor',
  ])('A2 rejects the member %s with 422 and changes nothing', async (member) => {
    const before = await databaseText()
    const answer = await patch(ada, { bio: 'changed', [member]: 'admin' })
    expect(answer).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: `/${member}`, detail: 'unknown member' }] },
    })
    expect(await databaseText()).toBe(before)
  })

  const HOSTILE = {
    NUL: 'a\0b',
    'a lone surrogate': 'a\ud800b',
    '10 kB': 'x'.repeat(10_000),
    'SQL and HTML': `'); DROP TABLE users; -- <script>alert(1)</script> \${7*7} %00 \\u0000`,
    'right-to-left marks': '\u202egnp.exe\u2066',
    'an empty string': '',
  }
  const MEMBERS = ['full_name', 'phone_number', 'avatar_url', 'bio']

  test.each(Object.entries(HOSTILE))(
    'A6 answers %s in any member with 200 or 422, and gives back what it took',
    async (_, value) => {
      for (const member of MEMBERS) {
        const answer = await patch(ada, { [member]: value })
        expect([200, 422], `${member} ${answer.status}`).toContain(answer.status)
        if (answer.status === 200) expect((await read(ada)).body.profile[member]).toBe(value)
        else expect(JSON.stringify(answer.body)).not.toContain(value || 'unknown')
      }
      const asKey = await patch(ada, { preferences: { [value]: [value, { deep: value }] } })
      expect([200, 422]).toContain(asKey.status)
      const asMember = await patch(ada, { [value]: 1 })
      expect(asMember.status).toBe(422)
      expect((await read(ada)).status).toBe(200)
    },
  )

  test('A6 accepts 8 KiB of preferences and rejects one byte more', async () => {
    const fit = { a: 'x'.repeat(8192 - '{"a":""}'.length) }
    expect(await patch(ada, { preferences: fit })).toMatchObject({
      status: 200,
      body: { profile: { preferences: fit } },
    })
    const more = await patch(ada, { preferences: { a: `${fit.a}x` } })
    expect(more).toMatchObject({ status: 422, body: { errors: [{ pointer: '/preferences' }] } })
    const wide = await patch(ada, { preferences: { a: 'ä'.repeat(4093) } })
    expect(wide.status).toBe(422)
  })

  test.each([
    ['http', 'http://example.com/a.png'],
    ['a script', 'javascript:alert(1)'],
    ['inline data', 'data:text/html,x'],
    ['no host', 'https://'],
  ])('A6 rejects an avatar address that is %s', async (_, avatar_url) => {
    expect((await patch(ada, { avatar_url })).status).toBe(422)
  })
})

describe('If-Match', () => {
  test('allows one change of the version that was read', async () => {
    const etag = String((await read(ada)).headers.get('etag'))
    const first = await patch(ada, { bio: 'one' }, { 'if-match': etag })
    expect(first.status).toBe(200)
    expect(first.headers.get('etag')).not.toBe(etag)
    expect(await patch(ada, { bio: 'two' }, { 'if-match': etag })).toMatchObject({
      status: 412,
      body: { code: 'precondition_failed' },
    })
    expect((await patch(ada, { bio: 'three' }, { 'if-match': '*' })).status).toBe(200)
    expect((await read(ada)).body.profile.bio).toBe('three')
  })

  test.each(['garbage', '""', '"-1"', '"1e3"', '"99999999999999999999"', "1' OR '1'='1"])(
    'refuses the tag %s',
    async (tag) => {
      expect((await patch(ada, { bio: 'changed' }, { 'if-match': tag })).status).toBe(412)
      expect((await read(ada)).body.profile.bio).toBeNull()
    },
  )

  test.each(SIZES)('lets exactly one of %i changes to one version win', async (size) => {
    const etag = String((await read(ada)).headers.get('etag'))
    const answers = await burst(size, (i) => patch(ada, { bio: `number ${i}` }, { 'if-match': etag }))
    expect(statuses(answers)).toEqual({ 200: 1, 412: size - 1 })
    const winner = answers.find(({ status }) => status === 200)
    expect((await read(ada)).body.profile.bio).toBe(winner?.body.profile.bio)
    expect(await events('profile.updated')).toHaveLength(1)
  })

  test('gives each of 16 unconditional changes its own version', async () => {
    const answers = await burst(16, (i) => patch(ada, { bio: `number ${i}` }))
    expect(new Set(answers.map(({ headers }) => headers.get('etag'))).size).toBe(16)
    expect(await events('profile.updated')).toHaveLength(16)
  })
})

describe('a ciphertext in the wrong place', () => {
  const COLUMNS = ['full_name_enc', 'phone_number_enc', 'bio_enc']

  test.each([
    [
      "another user's name",
      'UPDATE user_profiles SET full_name_enc = (SELECT full_name_enc FROM user_profiles WHERE user_id = ?2) WHERE user_id = ?1',
    ],
    ['another column', 'UPDATE user_profiles SET full_name_enc = phone_number_enc WHERE user_id = ?1 AND ?2 = ?2'],
    [
      "another user's address",
      'UPDATE users SET email_enc = (SELECT email_enc FROM users WHERE id = ?2) WHERE id = ?1',
    ],
    [
      'a flipped bit',
      "UPDATE user_profiles SET full_name_enc = substr(full_name_enc, 1, 40) || CASE substr(full_name_enc, 41, 1) WHEN 'A' THEN 'B' ELSE 'A' END || substr(full_name_enc, 42) WHERE user_id = ?1 AND ?2 = ?2",
    ],
    ['plain text', "UPDATE user_profiles SET bio_enc = 'canary' WHERE user_id = ?1 AND ?2 = ?2"],
    ['nothing', "UPDATE user_profiles SET bio_enc = '' WHERE user_id = ?1 AND ?2 = ?2"],
  ])('D2 H3 fails closed with 500 without internals: %s', async (_, statement) => {
    const output = listenToConsole()
    await change(statement, ada.id, eve.id)
    const answer = await read(ada)
    expect(answer).toMatchObject({ status: 500, body: { code: 'internal_error', request_id: expect.any(String) } })
    expect(Object.keys(answer.body).sort()).toEqual(['code', 'instance', 'request_id', 'status', 'title', 'type'])
    expect(output.text()).toContain(answer.body.request_id)
    for (const hidden of ['Eve', '+49', eve.email, 'canary', ...COLUMNS]) expect(output.text()).not.toContain(hidden)
    expect((await read(eve)).status).toBe(200)
  })

  test("D2 fails closed if the vault has another user's key in place of this user's", async () => {
    listenToConsole()
    const stolen = await (await env.VAULT.get(`keys/${eve.id}`))?.text()
    await env.VAULT.put(`keys/${ada.id}`, String(stolen))
    await env.KEY_CACHE.delete(`dek:${ada.id}`)
    const answer = await read(ada, { env: { ...env } })
    expect([500, 503]).toContain(answer.status)
    expect(JSON.stringify(answer.body)).not.toMatch(/Ada|Eve|Ciphertext/)
  })

  test('D6 gives no access to a user whose key is destroyed', async () => {
    await env.VAULT.delete(`keys/${ada.id}`)
    await env.KEY_CACHE.delete(`dek:${ada.id}`)
    expect((await read(ada, { env: { ...env } })).status).toBe(401)
  })
})

describe('ended access', () => {
  test.each([
    ['logged out', () => post('/auth/logout', { refresh_token: ada.refreshToken })],
    ['suspended', () => change("UPDATE users SET status = 'suspended' WHERE id = ?", ada.id)],
    ['deleted', () => change("UPDATE users SET status = 'deleted' WHERE id = ?", ada.id)],
    ['given a new epoch', () => change('UPDATE users SET security_epoch = 1 WHERE id = ?', ada.id)],
    ['without the session', () => change('DELETE FROM sessions WHERE user_id = ?', ada.id)],
    ["on another user's session", () => change('UPDATE sessions SET user_id = ? WHERE user_id = ?', eve.id, ada.id)],
  ])('J4 rejects reads and changes at once: %s', async (_, end) => {
    await end()
    const before = await row('SELECT * FROM user_profiles WHERE user_id = ?', ada.id)
    for (const answer of [await read(ada), await patch(ada, { bio: 'late' })])
      expect(answer).toMatchObject({ status: 401, body: { code: 'invalid_access_token' } })
    expect(await row('SELECT * FROM user_profiles WHERE user_id = ?', ada.id)).toEqual(before)
    expect(await events('profile.updated')).toEqual([])
    expect((await read(eve)).status).toBe(200)
  })

  test('J4 gives a change and a racing logout one of two outcomes, never a change without its event', async () => {
    const answers = await burst(16, (i) =>
      i === 8 ? post('/auth/logout', { refresh_token: ada.refreshToken }) : patch(ada, { bio: `${i}` }),
    )
    const changed = answers.filter(({ status }) => status === 200).length
    expect(await events('profile.updated')).toHaveLength(changed)
    expect((await patch(ada, { bio: 'late' })).status).toBe(401)
  })
})

describe('the bookmark', () => {
  test('is returned, and accepted in the next request', async () => {
    const bookmark = String((await patch(ada, { bio: 'new' })).headers.get('x-d1-bookmark'))
    expect(bookmark).toMatch(/^[0-9a-f-]+$/)
    const answer = await read(ada, { headers: { 'x-d1-bookmark': bookmark } })
    expect(answer).toMatchObject({ status: 200, body: { profile: { bio: 'new' } } })
    expect(answer.headers.get('x-d1-bookmark')).not.toBeNull()
  })

  test.each([
    'garbage!',
    'first-unconstrained',
    'first-primary',
    '',
    "' OR 1=1",
    'f'.repeat(4000),
    '0',
    'deadbeef',
    '-',
    'ffffffff-ffffffff-ffffffff-ffffffffffffffffffffffffffffffff',
  ])('H6 is ignored if it is %j', async (bookmark) => {
    const answer = await read(ada, { headers: { 'x-d1-bookmark': bookmark } })
    expect(answer.status).toBe(200)
  })
})
