import { env } from 'cloudflare:workers'
import { afterEach, expect, test, vi } from 'vitest'
import { purgeDueUsers } from '../../src/compliance/erasure/purge-due-users.ts'
import { digestOfReceipt } from '../../src/compliance/erasure/receipt.ts'
import type { SessionId, UserId } from '../../src/core/ids.ts'
import { decryptField } from '../../src/crypto/field-cipher.ts'
import { runErasures } from '../../src/operators/run-erasures.ts'
import { call, get, newPerson, PASSWORD, type Person, post, signIn } from '../support/api.ts'
import { segmentPaths, textAt } from '../support/archive.ts'
import { markArchived, requestErasure, sealErasures } from '../support/erasures.ts'
import { faultsAt } from '../support/faults-at.ts'
import { type FaultPlan, faultyEnv, killedAt } from '../support/faulty-env.ts'
import { jobContext } from '../support/job-context.ts'
import { plainApp as app } from '../support/passwords.ts'
import { deliver, keysIn, rows, runCron, unarchivedEvents } from '../support/service.ts'
import { SIZES } from '../support/sizes.ts'

const DAY_MS = 86_400_000
const MINUTE_MS = 60_000

afterEach(() => {
  vi.useRealTimers()
})

const deleteAccount = (person: Person) => call('/api/v1/users/me', { method: 'DELETE', token: person.accessToken })
const offerOf = (person: Person) => post('/auth/login', { email: person.email, password: PASSWORD })
const passDays = (days: number) => vi.setSystemTime(Date.now() + days * DAY_MS)

/** Creates a person with data in every table and store. */
async function fullPerson(): Promise<Person> {
  const person = await newPerson({ full_name: 'Erased Canary', preferences: { canary: true } }, { app })
  await call('/api/v1/users/me', { method: 'PATCH', token: person.accessToken, body: { bio: 'canary bio' } })
  await env.DB.batch([
    env.DB.prepare("INSERT INTO user_roles (role, user_id) VALUES ('editor', ?)").bind(person.id),
    env.DB.prepare(
      "INSERT INTO consents (id, user_id, document, version, decision, decided_at, source) VALUES (?, ?, 'terms', '1', 'granted', 1, 'user')",
    ).bind(crypto.randomUUID(), person.id),
    env.DB.prepare(
      "INSERT INTO exports (id, user_id, status, created_at, expires_at) VALUES ('export', ?, 'ready', 1, 9e15)",
    ).bind(person.id),
  ])
  await env.VAULT.put(`exports/${person.id}/export`, 'sealed')
  return person
}

const PERSONAL_TABLES = [
  'user_profiles',
  'credentials',
  'sessions',
  'user_roles',
  'consents',
  'exports',
  'one_time_tokens',
  'archive_places',
]

async function expectErased({ id }: Person): Promise<void> {
  expect(await keysIn(env.VAULT, `keys/${id}`)).toEqual([])
  expect(await keysIn(env.VAULT, `exports/${id}`)).toEqual([])
  expect(await keysIn(env.VAULT, `erased/${id}`)).toHaveLength(1)
  expect(await env.KEY_CACHE.get(`dek:${id}`)).toBeNull()
  for (const table of PERSONAL_TABLES)
    expect(await rows(`SELECT * FROM ${table} WHERE user_id = ?`, id), table).toEqual([])
  expect(
    await rows(
      'SELECT email_index, email_domain_index, email_enc, is_verified, last_login_at, status FROM users WHERE id = ?',
      id,
    ),
  ).toEqual([
    {
      email_index: `erased.${id}`,
      email_domain_index: '',
      email_enc: '',
      is_verified: 0,
      last_login_at: null,
      status: 'deleted',
    },
  ])
  const [erasure] = await rows<{ completed_at: number; receipt: string; steps: string }>(
    'SELECT * FROM erasures WHERE user_id = ?',
    id,
  )
  expect(erasure?.receipt.split('.')).toHaveLength(3)
  expect(JSON.parse(erasure?.steps ?? '{}')).toMatchObject({
    destroy_key: {},
    delete_exports: { count: 1 },
    delete_rows: { counts: { user_profiles: 1, credentials: 1, consents: 1, user_roles: 1 } },
  })
  const receipt = erasure?.receipt ?? ''
  const digest = await digestOfReceipt(receipt)
  expect(await (await env.ARCHIVE.get(`receipts/${digest}.jws`))?.text()).toBe(receipt)
  expect(
    await rows("SELECT subject_id FROM audit_events WHERE action = 'user.erased' AND detail ->> 'receipt' = ?", digest),
  ).toEqual([{ subject_id: null }])
}

test('deleting ends every session at once and returns until when the account can be restored (D6)', async () => {
  const person = await newPerson()
  const other = await signIn(person.email)
  const { status, body } = await deleteAccount(person)
  expect(status).toBe(202)
  expect(body).toEqual({ status: 'deleted', purge_after: body.purge_after, restore_until: body.purge_after })
  expect(Date.parse(body.purge_after) - Date.now()).toBeGreaterThan(29.9 * DAY_MS)
  for (const token of [person.accessToken, other.accessToken]) {
    expect((await get('/users/me', token)).status).toBe(401)
    expect((await get('/auth/session', token)).status).toBe(401)
  }
  for (const refreshToken of [person.refreshToken, other.refreshToken]) {
    expect((await post('/auth/refresh', { refresh_token: refreshToken })).status).toBe(401)
  }
})

test('deleting requires a sign-in within the last five minutes (R6)', async () => {
  const person = await newPerson()
  vi.setSystemTime(Date.now() + 5 * 60_000 + 2000)
  const { status, body, headers } = await deleteAccount(person)
  expect([status, body.code]).toEqual([401, 'step_up_required'])
  expect(headers.get('www-authenticate')).toContain('insufficient_user_authentication')
  expect((await get('/users/me', person.accessToken)).status).toBe(200)
})

test('within the grace period the owner restores the account once, by signing in and confirming (D6)', async () => {
  const person = await newPerson({ full_name: 'Returning' })
  await deleteAccount(person)
  const offer = await offerOf(person)
  expect(offer.status).toBe(200)
  expect(offer.body).toMatchObject({ account_status: 'deleted' })
  expect(offer.body).not.toHaveProperty('access_token')
  const restored = await post('/auth/restore', { token: offer.body.restore_token })
  expect(restored.body).toMatchObject({ token_type: 'Bearer', user: { id: person.id, email: person.email } })
  expect((await get('/users/me', restored.body.access_token)).body.profile.full_name).toBe('Returning')
  expect(await rows('SELECT * FROM erasures')).toEqual([])
  expect((await post('/auth/restore', { token: offer.body.restore_token })).body.code).toBe('invalid_token')
  passDays(40)
  await runCron()
  expect((await offerOf(person)).status).toBe(200)
})

test.each(SIZES)('of %i concurrent restores with one token, one succeeds (O2)', async (count) => {
  const person = await newPerson()
  await deleteAccount(person)
  const { body } = await offerOf(person)
  const answers = await Promise.all(
    Array.from({ length: count }, () => post('/auth/restore', { token: body.restore_token })),
  )
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  expect(answers.filter(({ status }) => status === 400)).toHaveLength(count - 1)
  expect(await rows("SELECT id FROM audit_events WHERE action = 'user.restored'")).toHaveLength(1)
  expect(await rows("SELECT id FROM audit_events WHERE action = 'user.token_refused'")).toHaveLength(1)
})

test.each(SIZES)('%i concurrent deletions leave one erasure and one event (D6)', async (count) => {
  const person = await newPerson()
  const answers = await Promise.all(Array.from({ length: count }, () => deleteAccount(person)))
  expect(answers.filter(({ status }) => status === 202)).toHaveLength(1)
  expect(await rows("SELECT id FROM audit_events WHERE action = 'user.deletion_requested'")).toHaveLength(1)
  expect(await rows('SELECT user_id FROM erasures')).toHaveLength(1)
  expect(await rows('SELECT security_epoch FROM users')).toEqual([{ security_epoch: 1 }])
})

test('a restore token that is invalid, expired or of an earlier deletion restores nothing (O2)', async () => {
  const person = await newPerson()
  await deleteAccount(person)
  const first = (await offerOf(person)).body.restore_token
  const second = (await offerOf(person)).body.restore_token
  const restored = await post('/auth/restore', { token: second })
  await call('/api/v1/users/me', { method: 'DELETE', token: restored.body.access_token })
  expect((await post('/auth/restore', { token: first })).status).toBe(400)
  const third = (await offerOf(person)).body.restore_token
  vi.setSystemTime(Date.now() + 16 * 60_000)
  for (const token of [third, `${third}x`, person.refreshToken, 'lk_restore_x', '']) {
    expect((await post('/auth/restore', { token })).body.code).toBe('invalid_token')
  }
})

test('J4 a second deletion with an ended session does not void the restore link', async () => {
  const person = await newPerson()
  await deleteAccount(person)
  const { body } = await offerOf(person)
  expect((await deleteAccount(person)).status).toBe(401)
  expect((await post('/auth/restore', { token: body.restore_token })).status).toBe(200)
})

test('after the grace period the purge clears every store and signs a receipt (D6, D7)', async () => {
  const person = await fullPerson()
  await deleteAccount(person)
  await runCron()
  expect(await keysIn(env.VAULT, `keys/${person.id}`)).toHaveLength(1)
  passDays(31)
  expect((await offerOf(person)).status).toBe(401)
  await markArchived(person.id)
  await runCron()
  await expectErased(person)
  expect((await offerOf(person)).status).toBe(401)
  vi.useRealTimers()
  expect((await post('/auth/register', { email: person.email, password: PASSWORD })).status).toBe(201)
})

test('archived events of an erased person cannot be decrypted (U4, D7)', async () => {
  const person = await fullPerson()
  const [stored] = await rows<{ id: string; pii_enc: string }>(
    'SELECT id, pii_enc FROM audit_events WHERE subject_id = ? AND pii_enc IS NOT NULL',
    person.id,
  )
  await deliver(await unarchivedEvents())
  await deleteAccount(person)
  passDays(31)
  await runCron()
  expect(await keysIn(env.VAULT, 'keys/')).not.toContain(`keys/${person.id}`)
  const strangersKey = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['decrypt'])
  const place = { table: 'audit_events', column: 'pii_enc', owner: person.id, row: stored?.id ?? '' }
  await expect(decryptField(strangersKey as CryptoKey, place, stored?.pii_enc ?? '')).rejects.toThrow()
  const archived = (await Promise.all((await segmentPaths()).map(textAt))).join('')
  expect(archived).toContain('user.registered')
  for (const canary of [stored?.pii_enc ?? 'none', person.email, 'Erased Canary', 'canary bio', '203.0.113.7'])
    expect(archived).not.toContain(canary)
})

test('a purge that is killed at any call and run again has the same result as an undisturbed one (D6)', async () => {
  const purge = async (using: Env) =>
    purgeDueUsers(await jobContext(Date.now(), using), { maxPeople: 1, maxSlices: 20 })
  let wasKilled = true
  for (let at = 0; wasKilled; at++) {
    for (const fault of faultsAt(at)) {
      const person = await fullPerson()
      await requestErasure(person.id)
      const faulty = faultyEnv(env, killedAt(at, fault))
      await purge(faulty.env).catch(() => undefined)
      wasKilled = faulty.calls.length > at
      vi.setSystemTime(Date.now() + 5 * MINUTE_MS)
      await purge(env)
      await expectErased(person)
      await env.DB.exec('DELETE FROM exports')
      vi.useRealTimers()
    }
  }
}, 120_000)

/** Inserts rows as if a person had signed in or decided that many times. */
const addSessions = (person: Person, count: number) =>
  env.DB.prepare(
    `WITH RECURSIVE counter(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counter WHERE n < ?2)
     INSERT INTO sessions (id, user_id, rotated_at, created_at, last_used_at, expires_at, idle_expires_at, amr, auth_time,
       security_epoch) SELECT 's' || n, ?1, 1, 1, 1, 9e15, 9e15, '[]', 1, 0 FROM counter`,
  )
    .bind(person.id, count)
    .run()

const countSessions = async ({ id }: Person) =>
  (await rows<{ n: number }>('SELECT count(*) AS n FROM sessions WHERE user_id = ?', id))[0]?.n

const dueOneAfterTheOther = async (...people: readonly Person[]) => {
  for (const [at, { id }] of people.entries()) await requestErasure(id, { due_at: at + 1 })
}

test('a person with very many rows is erased in slices, and other people are erased in between (D6)', async () => {
  const [heavy, light] = [await fullPerson(), await newPerson({}, { app })]
  await addSessions(heavy, 4500)
  await dueOneAfterTheOther(heavy, light)
  const page = async () => purgeDueUsers(await jobContext(), { maxPeople: 10, maxSlices: 3 })
  expect(await page()).toEqual({ erased: 0, failed: 0, refused: 0, next: 'more' })
  expect(await countSessions(heavy)).toBe(1501)
  expect((await get('/users/me', heavy.accessToken)).status).toBe(401)
  expect(await page()).toEqual({ erased: 2, failed: 0, refused: 0, next: 'more' })
  expect(await rows('SELECT user_id FROM erasures WHERE completed_at IS NULL')).toEqual([])
  await expectErased(heavy)
  const [erasure] = await rows<{ steps: string }>('SELECT steps FROM erasures WHERE user_id = ?', heavy.id)
  expect(JSON.parse(erasure?.steps ?? '{}').delete_rows.counts.sessions).toBe(4501)
})

test('40,000 rows of one person are deleted by one run of the cron (D6)', async () => {
  const heavy = await fullPerson()
  await addSessions(heavy, 40_000)
  await dueOneAfterTheOther(heavy)
  await runCron()
  await expectErased(heavy)
})

test('a failed purge is tried again after a growing pause, or at once at the request of an operator (D6)', async () => {
  const person = await fullPerson()
  await dueOneAfterTheOther(person)
  await env.DB.exec("CREATE TRIGGER refusing BEFORE DELETE ON user_profiles BEGIN SELECT RAISE(ABORT, 'refused'); END")
  const pauses: number[] = []
  const retryAt = async () => Number((await rows('SELECT retry_at FROM erasures'))[0]?.retry_at)
  for (let turn = 0; turn < 12; turn++) {
    await runCron(env, turn === 0 ? undefined : '*/5 * * * *')
    const at = await retryAt()
    pauses.push(Math.round((at - Date.now()) / MINUTE_MS))
    vi.setSystemTime(at)
  }
  expect(pauses).toEqual([4, 8, 16, 32, 64, 128, 256, 512, 1024, 1440, 1440, 1440])
  await runCron(env, '*/5 * * * *')
  await env.DB.exec('DROP TRIGGER refusing')
  await runCron(env, '*/5 * * * *')
  expect(await rows('SELECT completed_at FROM erasures')).toEqual([{ completed_at: null }])
  const operator = { type: 'user', userId: person.id as UserId, sessionId: 'session' as SessionId } as const
  await runErasures({ ...(await jobContext()), actor: operator }, { isDryRun: false, reason: 'maintenance' })
  await runCron(env, '*/5 * * * *')
  await expectErased(person)
})

test('overlapping and repeated cron runs erase once (D6)', async () => {
  const person = await fullPerson()
  await deleteAccount(person)
  passDays(31)
  await Promise.all([runCron(), runCron(), runCron(env, '*/5 * * * *')])
  await runCron()
  await expectErased(person)
})

test.each(SIZES)(
  'of a purge and %i concurrent restores, either the purge or one restore succeeds (D6)',
  async (count) => {
    const person = await fullPerson()
    await deleteAccount(person)
    const { body } = await offerOf(person)
    await env.DB.prepare('UPDATE erasures SET due_at = 1').run()
    await sealErasures()
    const restores = Array.from({ length: count }, () => post('/auth/restore', { token: body.restore_token }))
    const [, ...answers] = await Promise.all([runCron(), ...restores])
    const [user] = await rows<{ status: string }>('SELECT status FROM users WHERE id = ?', person.id)
    const wasRestored = answers.some(({ status }) => status === 200)
    expect(user?.status).toBe(wasRestored ? 'active' : 'deleted')
    expect(await keysIn(env.VAULT, `keys/${person.id}`)).toHaveLength(wasRestored ? 1 : 0)
  },
)

test('a legal hold blocks the purge until it is lifted (D6)', async () => {
  const person = await fullPerson()
  await deleteAccount(person)
  await env.DB.prepare("INSERT INTO legal_holds (user_id, reason, placed_at) VALUES (?, 'case-7', 1)")
    .bind(person.id)
    .run()
  passDays(31)
  await runCron()
  expect(await keysIn(env.VAULT, `keys/${person.id}`)).toHaveLength(1)
  await env.DB.exec('DELETE FROM legal_holds')
  await runCron()
  await expectErased(person)
})

test('after a restore to a time before the purge, the data stays unreadable and is erased again by the next run (D7)', async () => {
  const person = await fullPerson()
  const tables = ['users', 'credentials', 'user_profiles', 'sessions']
  const backup = await Promise.all(
    tables.map((table) => rows(`SELECT * FROM ${table} WHERE ${table === 'users' ? 'id' : 'user_id'} = ?`, person.id)),
  )
  await deleteAccount(person)
  passDays(31)
  await runCron()
  vi.useRealTimers()

  await env.DB.exec('DELETE FROM erasures')
  await env.DB.prepare('DELETE FROM users WHERE id = ?').bind(person.id).run()
  for (const [index, table] of tables.entries()) {
    for (const row of backup[index] ?? []) {
      const columns = Object.keys(row)
      await env.DB.prepare(`INSERT INTO ${table} (${columns}) VALUES (${columns.map(() => '?')})`)
        .bind(...Object.values(row))
        .run()
    }
  }
  expect((await offerOf(person)).status).toBe(401)
  expect((await get('/users/me', person.accessToken)).status).toBe(401)
  await runCron()
  expect(await rows('SELECT email_enc, status FROM users WHERE id = ?', person.id)).toEqual([
    { email_enc: '', status: 'deleted' },
  ])
  expect(await rows('SELECT basis FROM erasures')).toEqual([{ basis: 'database_restored' }])
  expect(await rows('SELECT * FROM user_profiles WHERE user_id = ?', person.id)).toEqual([])
})

test('keys without a user are recorded after an hour, and destroyed when no database restore can bring back a user', async () => {
  const person = await newPerson()
  const orphan = crypto.randomUUID()
  await env.VAULT.put(`keys/${orphan}`, 'wrapped')
  await runCron()
  expect(await rows('SELECT owner FROM orphan_keys')).toEqual([])
  vi.setSystemTime(Date.now() + 2 * 3_600_000)
  await runCron()
  expect(await rows('SELECT owner FROM orphan_keys')).toEqual([{ owner: orphan }])
  expect(await keysIn(env.VAULT, 'keys/')).toContain(`keys/${orphan}`)
  passDays(36)
  await runCron()
  expect(await keysIn(env.VAULT, 'keys/')).toEqual([`keys/${person.id}`])
  expect(await rows('SELECT owner FROM orphan_keys')).toEqual([])
})

test('no key is destroyed when the database has lost its users for a while', async () => {
  const person = await newPerson()
  const everything = await Promise.all(
    ['user_profiles', 'credentials', 'sessions', 'users'].map((table) => rows(`SELECT * FROM ${table}`)),
  )
  for (const table of ['mail_jobs', 'one_time_tokens', 'user_profiles', 'credentials', 'sessions', 'users'])
    await env.DB.exec(`DELETE FROM ${table}`)
  vi.setSystemTime(Date.now() + 2 * 3_600_000)
  await runCron()
  passDays(34)
  await runCron()
  expect(await keysIn(env.VAULT, 'keys/')).toEqual([`keys/${person.id}`])
  const [user] = everything[3] ?? []
  const columns = Object.keys(user ?? {})
  await env.DB.prepare(`INSERT INTO users (${columns}) VALUES (${columns.map(() => '?')})`)
    .bind(...Object.values(user ?? {}))
    .run()
  passDays(2)
  await runCron()
  expect(await keysIn(env.VAULT, 'keys/')).toEqual([`keys/${person.id}`])
  expect(await rows('SELECT owner FROM orphan_keys')).toEqual([])
})

test('archived events leave the database once their period lies AUDIT_HOT_DAYS back, other events never', async () => {
  await newPerson()
  await deliver((await unarchivedEvents()).slice(0, 1))
  passDays(119)
  await runCron(faultyEnv(env, ((name) => (name.startsWith('AUDIT_QUEUE') ? 'fail' : 'none')) as FaultPlan).env)
  expect(await rows('SELECT archived_at FROM audit_events')).toEqual([{ archived_at: null }])
})

test('the key of a month for events without a subject is destroyed AUDIT_SYSTEM_DAYS after the month', async () => {
  // A month that no other test uses, because the isolate caches the keys of months.
  vi.setSystemTime(Date.UTC(2031, 4, 20))
  await post('/auth/login', { email: 'nobody@example.com', password: PASSWORD })
  expect(await keysIn(env.VAULT, 'keys/system/')).toEqual(['keys/system/2031-05'])
  passDays(60)
  await runCron()
  expect(await keysIn(env.VAULT, 'keys/system/')).toHaveLength(1)
  passDays(130)
  await runCron()
  expect(await keysIn(env.VAULT, 'keys/system/')).toEqual([])
})
