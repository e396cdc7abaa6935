import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { UserId } from '../../src/core/ids.ts'
import { decryptNote } from '../../src/storage/database/event-details.ts'
import { type Answer, burst, call, get, type Person, post, statuses } from '../support/api.ts'
import { markArchived } from '../support/erasures.ts'
import { beforeBatch, failing, interceptStores } from '../support/intercept-stores.ts'
import { jobContext } from '../support/job-context.ts'
import { openMailbox, tokenIn } from '../support/mailbox.ts'
import { act, ask, grant, newAdmin, newUser, setRoles, signInPlainly } from '../support/operators.ts'
import { plainApp as app } from '../support/passwords.ts'
import { runCron } from '../support/service.ts'
import { SIZES } from '../support/sizes.ts'
import { events, prove, row, rows } from '../support/stores.ts'

afterEach(() => {
  vi.useRealTimers()
})

const DAY_MS = 86_400_000

const statusOf = async ({ id }: Person) => (await row('SELECT status FROM users WHERE id = ?', id)).status
const deleteSelf = ({ accessToken }: Person) => call('/api/v1/users/me', { method: 'DELETE', token: accessToken })
const outcomes = async (action: string) => {
  const counts: Record<string, number> = { success: 0, failure: 0 }
  for (const { outcome } of await events(action)) counts[String(outcome)] = (counts[String(outcome)] ?? 0) + 1
  return counts
}

/** Expects that no token of the person works any more, on any kind of route. */
async function expectSignedOut(person: Person): Promise<void> {
  expect((await get('/users/me', person.accessToken)).status).toBe(401)
  expect((await get('/auth/session', person.accessToken)).status).toBe(401)
  expect((await post('/auth/refresh', { refresh_token: person.refreshToken })).status).toBe(401)
}

describe('suspending', () => {
  test('J4 U1 ends every session at once, blocks sign-in, and is recorded with its reason', async () => {
    const [admin, person] = [await newAdmin(), await newUser()]
    const { status, body } = await act(admin, person, 'suspend', { reason: 'abuse' })
    expect(status).toBe(200)
    expect(body).toMatchObject({ id: person.id, status: 'suspended', suspended_until: null, roles: [] })
    expect(body).not.toHaveProperty('email')
    await expectSignedOut(person)
    expect(await signInPlainly(person)).toMatchObject({ status: 403, body: { code: 'account_suspended' } })
    expect((await signInPlainly(person, 'wrong')).body.code).toBe('invalid_credentials')
    expect(await events('user.suspended')).toEqual([
      expect.objectContaining({
        outcome: 'success',
        actor_type: 'user',
        actor_id: admin.id,
        subject_id: person.id,
        pii_enc: null,
        detail: { operator_session_id: expect.any(String), reason: 'abuse', until: null },
      }),
    ])
  })

  test('is lifted by an operator, and the sessions stay ended', async () => {
    const [admin, person] = [await newAdmin(), await newUser()]
    await act(admin, person, 'suspend')
    const { body } = await act(admin, person, 'reactivate')
    expect(body).toMatchObject({ status: 'active', suspended_at: null })
    await expectSignedOut(person)
    expect((await signInPlainly(person)).status).toBe(200)
  })

  test.each(SIZES)('%i times at once takes effect once, and records every attempt', async (size) => {
    const [admin, person] = [await newAdmin(), await newUser()]
    const until = new Date(Date.now() + DAY_MS).toISOString()
    const answers = await burst(size, () => act(admin, person, 'suspend', { suspended_until: until }))
    expect(statuses(answers)).toEqual({ 200: 1, 409: size - 1 })
    expect(await outcomes('user.suspended')).toEqual({ success: 1, failure: size - 1 })
    expect(await row('SELECT security_epoch FROM users WHERE id = ?', person.id)).toEqual({ security_epoch: 1 })
    const lifted = await burst(size, () => act(admin, person, 'reactivate'))
    expect(statuses(lifted)).toEqual({ 200: 1, 409: size - 1 })
    expect(await outcomes('user.reactivated')).toEqual({ success: 1, failure: size - 1 })
  })

  test('changes the end of a current suspension, and refuses an end in the past', async () => {
    const [admin, person] = [await newAdmin(), await newUser()]
    await act(admin, person, 'suspend')
    const until = new Date(Date.now() + DAY_MS).toISOString()
    const changed = await act(admin, person, 'suspend', { suspended_until: until })
    expect(changed).toMatchObject({ status: 200, body: { suspended_until: until } })
    const past = await act(admin, person, 'suspend', { suspended_until: new Date(Date.now() - 1).toISOString() })
    expect(past).toMatchObject({ status: 422, body: { errors: [{ pointer: '/suspended_until' }] } })
    // In UTC this is the year 10000, which RFC 3339 cannot represent.
    const never = await act(admin, person, 'suspend', { suspended_until: '9999-12-31T23:59:59-23:59' })
    expect(never).toMatchObject({ status: 422, body: { errors: [{ pointer: '/suspended_until' }] } })
  })
})

describe('a suspension with an end', () => {
  const suspendForAnHour = async () => {
    vi.setSystemTime(Date.now())
    const [admin, person] = [await newAdmin(), await newUser()]
    await act(admin, person, 'suspend', { suspended_until: new Date(Date.now() + 3_600_000).toISOString() })
    return person
  }

  test.each([
    ['one second before its end', 3_599_000, 403],
    ['at its end', 3_600_000, 200],
  ])('R3 applies until then: sign-in %s, without a cron run in between', async (_, afterMs, status) => {
    const person = await suspendForAnHour()
    vi.setSystemTime(Date.now() + afterMs)
    expect((await signInPlainly(person)).status).toBe(status)
    expect(await statusOf(person)).toBe(status === 200 ? 'active' : 'suspended')
    expect(await outcomes('user.suspension_ended')).toEqual({ success: status === 200 ? 1 : 0, failure: 0 })
  })

  test('U1 is ended by the cron, with one event', async () => {
    const person = await suspendForAnHour()
    await runCron(env, '*/5 * * * *')
    expect(await statusOf(person)).toBe('suspended')
    vi.setSystemTime(Date.now() + 3_600_000)
    await Promise.all([runCron(env, '*/5 * * * *'), runCron(env, '*/5 * * * *'), signInPlainly(person)])
    expect(await statusOf(person)).toBe('active')
    expect(await events('user.suspension_ended')).toEqual([
      expect.objectContaining({ actor_type: 'system', actor_id: null, subject_id: person.id }),
    ])
  })

  test('is mailed to the owner when it begins, with its end and without the reason, and when it ends', async () => {
    vi.setSystemTime(Date.parse('2026-11-24T12:00:00Z'))
    const mailbox = openMailbox()
    const [admin, person] = [await newAdmin(), await newUser({ preferences: { locale: 'de' } })]
    await prove(person)
    const inbox = async () => (await mailbox.collect()).filter(({ to }) => to === person.email)
    const suspended_until = '2026-12-03T17:04:00Z'
    const options = { env: mailbox.env }
    await act(admin, person, 'suspend', { suspended_until, reason: 'abuse' }, options)
    const [begun, ...others] = await inbox()
    expect(others).toEqual([])
    expect(begun?.subject).toBe('Ihr Konto bei Latchkey wurde gesperrt')
    expect(begun?.text).toMatch(/Gesperrt bis: 3\. Dezember 2026 um 17:04 UTC/)
    expect(begun?.text).not.toMatch(/abuse|Gerät/)
    await act(admin, person, 'suspend', {}, options)
    expect((await inbox())[0]?.text).toContain('Gesperrt bis: kein Enddatum')
    await act(admin, person, 'reactivate', {}, options)
    await act(admin, person, 'reactivate', {}, options)
    expect((await inbox()).map(({ subject }) => subject)).toEqual(['Ihr Konto bei Latchkey ist nicht mehr gesperrt'])
    await act(admin, person, 'suspend', { suspended_until }, options)
    await inbox()
    vi.setSystemTime(Date.parse(suspended_until))
    await Promise.all([runCron(mailbox.env, '*/5 * * * *'), runCron(mailbox.env, '*/5 * * * *')])
    // The next run sends the mail that the previous run ordered.
    vi.setSystemTime(Date.now() + 5 * 60_000)
    await runCron(mailbox.env, '*/5 * * * *')
    expect((await inbox()).map(({ subject }) => subject)).toEqual(['Ihr Konto bei Latchkey ist nicht mehr gesperrt'])
  })

  test('does not end at the old time after an operator has extended it', async () => {
    const person = await suspendForAnHour()
    await act(await newAdmin(), person, 'suspend')
    vi.setSystemTime(Date.now() + 3_600_000)
    await runCron()
    expect((await signInPlainly(person)).status).toBe(403)
  })
})

describe('revoking sessions', () => {
  test('J4 R5 ends all of them and lets the owner sign in again', async () => {
    const [admin, person] = [await newAdmin(), await newUser()]
    await signInPlainly(person)
    const { status } = await act(admin, person, 'revoke-sessions', { reason: 'security_incident' })
    expect(status).toBe(200)
    await expectSignedOut(person)
    expect(await rows('SELECT DISTINCT revoke_reason FROM sessions WHERE user_id = ?', person.id)).toEqual([
      { revoke_reason: 'operator' },
    ])
    expect((await signInPlainly(person)).status).toBe(200)
  })

  test('R5 also ends a sign-in that is in progress', async () => {
    const [admin, person] = [await newAdmin(), await newUser()]
    const racing = beforeBatch(2, () => act(admin, person, 'revoke-sessions'))
    const answer = await call('/api/v1/auth/login', {
      body: { email: person.email, password: 'correct horse battery staple' },
      env: racing,
      app,
    })
    expect(answer.body.code).toBe('invalid_credentials')
  })
})

describe('requiring a new password', () => {
  test('A3 refuses the old password until it is changed, and only the owner chooses the new one', async () => {
    const [admin, person] = [await newAdmin(), await newUser()]
    vi.setSystemTime(Date.now() + 1000)
    const { status, body } = await act(admin, person, 'require-password-reset', { reason: 'security_incident' })
    expect([status, body.password_reset_required]).toEqual([200, true])
    await expectSignedOut(person)
    expect(await signInPlainly(person)).toMatchObject({ status: 403, body: { code: 'password_reset_required' } })
    expect((await signInPlainly(person, 'wrong')).body.code).toBe('invalid_credentials')
    const reasons = (await events('user.sign_in_failed')).map(({ detail }) => detail.reason)
    expect(reasons.sort()).toEqual(['reset_required', 'wrong_password'])
    await env.DB.prepare('UPDATE credentials SET changed_at = ? WHERE user_id = ?')
      .bind(Date.now() + 1, person.id)
      .run()
    expect((await signInPlainly(person)).status).toBe(200)
  })

  test('A3 O5 mails a link to choose a new one once, and only to the owner', async () => {
    const [admin, person, mailbox] = [await newAdmin(), await newUser(), openMailbox()]
    const { env: using } = mailbox
    vi.setSystemTime(Date.now() + 1000)
    for (const status of [200, 409])
      expect((await act(admin, person, 'require-password-reset', {}, { env: using })).status).toBe(status)
    const mails = await mailbox.collect()
    expect(mails.map(({ to }) => to)).toEqual([person.email])
    vi.setSystemTime(Date.now() + 1000)
    const body = { token: tokenIn(mails[0]), new_password: 'another horse battery staple' }
    expect((await post('/auth/reset-password/confirm', body, { app, env: using })).status).toBe(204)
    expect((await signInPlainly(person)).body.code).toBe('invalid_credentials')
    expect((await signInPlainly(person, body.new_password)).status).toBe(200)
  })

  test('A3 P3 accepts no password from an operator', async () => {
    const [admin, person] = [await newAdmin(), await newUser()]
    for (const extra of [{ password: 'chosen' }, { new_password: 'chosen' }])
      expect((await act(admin, person, 'require-password-reset', extra)).status).toBe(422)
  })

  test.each(SIZES)('%i times at once takes effect once', async (size) => {
    const [admin, person] = [await newAdmin(), await newUser()]
    const answers = await burst(size, () => act(admin, person, 'require-password-reset'))
    expect(statuses(answers)).toEqual({ 200: 1, 409: size - 1 })
    expect(await outcomes('user.password_reset_required')).toEqual({ success: 1, failure: size - 1 })
  })

  test('refuses an account without a password', async () => {
    const [admin, person] = [await newAdmin(), await newUser()]
    await env.DB.prepare('UPDATE credentials SET password_hash = NULL WHERE user_id = ?').bind(person.id).run()
    expect((await act(admin, person, 'require-password-reset')).body.code).toBe('state_conflict')
  })
})

describe('a lock', () => {
  test('T2 U1 can be read and cleared by an operator, and the owner signs in at once', async () => {
    const [admin, person] = [await newAdmin(), await newUser()]
    for (let i = 0; i < 10; i++) await signInPlainly(person, 'guess')
    expect((await signInPlainly(person)).status).toBe(401)
    const lock = () => ask(admin, `/users/${person.id}/lock`)
    expect((await lock()).body.locks).toContainEqual({
      ...{
        kind: 'lock',
        policy: 'sign-in',
        by: 'email',
        quota: 10,
        is_blocked: true,
        ends_at: expect.stringMatching(/Z$/),
      },
      count: expect.any(Number),
    })
    const cleared = await act(admin, person, 'clear-lock', { note: 'Forgot it on holiday' })
    expect(cleared.status).toBe(200)
    expect(cleared.body.cleared).toBeGreaterThan(0)
    expect((await lock()).body).toEqual({ locks: [] })
    expect((await signInPlainly(person)).status).toBe(200)
    expect((await act(admin, person, 'clear-lock')).body).toEqual({ cleared: 0 })
    const recorded = await events('lock.cleared')
    expect(recorded.map(({ outcome, subject_id, actor_id }) => [outcome, subject_id, actor_id])).toEqual([
      ['success', person.id, admin.id],
      ['failure', person.id, admin.id],
    ])
    expect(recorded[0]).toMatchObject({ detail: { reason: 'support_case' }, note_enc: expect.stringMatching(/^v2\./) })
    expect(await events('operator.lock_viewed')).toHaveLength(2)
  })
})

describe('erasing', () => {
  test('D6 ends access at once, and the owner can restore the account within the grace period', async () => {
    const [admin, person] = [await newAdmin(), await newUser()]
    const { status, body } = await act(admin, person, 'erase', { reason: 'user_request' })
    expect([status, body.status]).toEqual([202, 'deleted'])
    expect(Date.parse(body.purge_after) - Date.now()).toBeGreaterThan(29.9 * DAY_MS)
    await expectSignedOut(person)
    expect(await row('SELECT basis, due_at FROM erasures')).toEqual({
      basis: 'operator_request',
      due_at: Date.parse(body.purge_after),
    })
    const offer = await signInPlainly(person)
    expect((await post('/auth/restore', { token: offer.body.restore_token })).status).toBe(200)
  })

  test('D6 is mailed to the owner, in their language and without the device of the operator', async () => {
    const [admin, mailbox] = [await newAdmin(), openMailbox()]
    const person = await newUser({ preferences: { locale: 'de' } })
    await prove(person)
    const options = { env: mailbox.env, headers: { 'user-agent': 'OperatorBrowser/1', 'accept-language': 'en' } }
    await act(admin, person, 'erase', {}, options)
    await act(admin, person, 'restore', {}, options)
    await act(admin, person, 'restore', {}, options)
    await act(admin, person, 'erase', { immediate: true }, options)
    const mails = await mailbox.collect()
    expect(mails.map(({ to, subject }) => [to, subject])).toEqual([
      [person.email, expect.stringContaining('gelöscht')],
      [person.email, expect.stringContaining('wiederhergestellt')],
    ])
    expect(JSON.stringify(mails)).not.toMatch(/OperatorBrowser|203\.0\.113/)
  })

  test('D6 at once is purged by the next run', async () => {
    const [admin, person] = [await newAdmin(), await newUser()]
    expect((await act(admin, person, 'erase', { immediate: true })).status).toBe(202)
    expect((await signInPlainly(person)).status).toBe(401)
    await markArchived(person.id)
    await runCron()
    expect(await env.VAULT.head(`keys/${person.id}`)).toBeNull()
    expect(await events('user.erased')).toHaveLength(1)
  })

  test('moves an erasure that the owner requested to an earlier time, once', async () => {
    const [admin, person] = [await newAdmin(), await newUser()]
    await deleteSelf(person)
    expect((await act(admin, person, 'erase')).body.code).toBe('state_conflict')
    expect((await act(admin, person, 'erase', { immediate: true })).status).toBe(202)
    expect((await act(admin, person, 'erase', { immediate: true })).body.code).toBe('state_conflict')
    expect(await row('SELECT basis, due_at <= ? AS is_due FROM erasures', Date.now())).toEqual({
      basis: 'operator_request',
      is_due: 1,
    })
  })

  test.each(SIZES)('D6 %i times at once takes effect once', async (size) => {
    const [admin, person] = [await newAdmin(), await newUser()]
    const answers = await burst(size, () => act(admin, person, 'erase'))
    expect(statuses(answers)).toEqual({ 202: 1, 409: size - 1 })
    expect(await outcomes('user.deletion_requested')).toEqual({ success: 1, failure: size - 1 })
    const restored = await burst(size, () => act(admin, person, 'restore'))
    expect(statuses(restored)).toEqual({ 200: 1, 409: size - 1 })
    expect(await outcomes('user.restored')).toEqual({ success: 1, failure: size - 1 })
    expect(await rows('SELECT * FROM erasures')).toEqual([])
  })

  test('D6 cannot be undone once a purge has begun', async () => {
    const [admin, person] = [await newAdmin(), await newUser()]
    await act(admin, person, 'erase', { immediate: true })
    await env.DB.exec('UPDATE erasures SET started_at = 1')
    expect((await act(admin, person, 'restore')).body.code).toBe('state_conflict')
    await runCron()
    for (const change of ['restore', 'erase', 'suspend', 'reactivate', 'revoke-sessions', 'require-password-reset'])
      expect((await act(admin, person, change)).body.code, change).toBe('state_conflict')
    expect((await setRoles(admin, person, ['support'])).body.code).toBe('state_conflict')
    expect((await act(admin, person, 'legal-hold', { action: 'place' })).body.code).toBe('state_conflict')
  })

  test('a suspended account can be restored only by an operator, and is suspended again', async () => {
    const [admin, person] = [await newAdmin(), await newUser()]
    await act(admin, person, 'suspend')
    await act(admin, person, 'erase')
    expect((await signInPlainly(person)).body.code).toBe('account_suspended')
    expect((await act(admin, person, 'restore')).body).toMatchObject({ status: 'suspended', purge_after: null })
    expect((await signInPlainly(person)).body.code).toBe('account_suspended')
  })

  test('a restore token from before a suspension restores nothing', async () => {
    const [admin, person] = [await newAdmin(), await newUser()]
    await deleteSelf(person)
    const { restore_token } = (await signInPlainly(person)).body
    await act(admin, person, 'restore')
    await act(admin, person, 'suspend')
    await act(admin, person, 'erase')
    expect((await post('/auth/restore', { token: restore_token })).body.code).toBe('invalid_token')
    expect(await statusOf(person)).toBe('deleted')
  })
})

describe('a legal hold', () => {
  test('D6 blocks the purge until it is lifted', async () => {
    const [admin, person] = [await newAdmin(), await newUser()]
    const placed = await act(admin, person, 'legal-hold', { action: 'place', reason: 'legal_claim' })
    expect(placed.body.legal_hold).toEqual({ reason: 'legal_claim', placed_at: expect.any(String) })
    await act(admin, person, 'erase', { immediate: true })
    await runCron()
    expect(await env.VAULT.head(`keys/${person.id}`)).not.toBeNull()
    expect((await act(admin, person, 'legal-hold', { action: 'lift' })).body.legal_hold).toBeNull()
    await markArchived(person.id)
    await runCron()
    expect(await env.VAULT.head(`keys/${person.id}`)).toBeNull()
  })

  test.each([2, 16])('D6 cannot be placed by %i concurrent requests while a purge destroys the key', async (size) => {
    const [admin, person] = [await newAdmin(), await newUser()]
    await act(admin, person, 'erase', { immediate: true })
    await markArchived(person.id)
    const answers: Answer[] = []
    const racing = interceptStores(async (name, run) => {
      if (name === 'VAULT.delete' && answers.length === 0)
        answers.push(...(await burst(size, () => act(admin, person, 'legal-hold', { action: 'place' }))))
      return run()
    })
    await runCron(racing)
    expect(statuses(answers)).toEqual({ 409: size })
    expect(await rows('SELECT user_id FROM legal_holds')).toEqual([])
    expect(await env.VAULT.head(`keys/${person.id}`)).toBeNull()
  })

  test.each(SIZES)('%i times at once is placed once and lifted once', async (size) => {
    const [admin, person] = [await newAdmin(), await newUser()]
    for (const [action, event] of [
      ['place', 'legal_hold.placed'],
      ['lift', 'legal_hold.lifted'],
    ] as const) {
      const answers = await burst(size, () => act(admin, person, 'legal-hold', { action }))
      expect(statuses(answers)).toEqual({ 200: 1, 409: size - 1 })
      expect(await outcomes(event)).toEqual({ success: 1, failure: size - 1 })
    }
  })
})

const REMOVALS: [string, (operator: Person, admin: Person) => Promise<Answer>][] = [
  ['demoted', (operator, admin) => setRoles(operator, admin, ['support'])],
  ['suspended', (operator, admin) => act(operator, admin, 'suspend')],
  ['erased', (operator, admin) => act(operator, admin, 'erase', { immediate: true })],
  ['deleted by themselves', (_, admin) => deleteSelf(admin)],
]

const ACTIVE_ADMINS = `SELECT count(*) AS n FROM user_roles JOIN users ON id = user_id
  WHERE role = 'admin' AND status = 'active'`

describe('the last admin', () => {
  test.each(REMOVALS)('A3 cannot be %s', async (_, remove) => {
    const admin = await newAdmin()
    expect(await remove(admin, admin)).toMatchObject({ status: 409, body: { code: 'last_admin' } })
    expect(await row(ACTIVE_ADMINS)).toEqual({ n: 1 })
    expect((await get('/users/me', admin.accessToken)).status).toBe(200)
  })

  test.each(REMOVALS)('A3 cannot be %s while the other admins are suspended or deleted', async (_, remove) => {
    const [admin, suspended, deleted] = [await newAdmin(), await newAdmin(), await newAdmin()]
    await act(admin, suspended, 'suspend')
    await act(admin, deleted, 'erase')
    expect((await remove(admin, admin)).body.code).toBe('last_admin')
    expect((await setRoles(admin, suspended, [])).status).toBe(200)
  })

  test.each(REMOVALS)('A3 can be %s when there is another admin', async (_, remove) => {
    const [admin, other] = [await newAdmin(), await newAdmin()]
    expect([200, 202]).toContain((await remove(other, admin)).status)
    expect(await row(ACTIVE_ADMINS)).toEqual({ n: 1 })
  })

  test.each(SIZES)('A3 remains when %i admins demote each other at once', async (size) => {
    const admins: Person[] = []
    for (let i = 0; i < size; i++) admins.push(await newAdmin())
    const next = (i: number) => admins[(i + 1) % size] as Person
    const answers = await burst(size, (i) => setRoles(admins[i] as Person, next(i), []))
    const { n } = await row(ACTIVE_ADMINS)
    expect(n).toBeGreaterThanOrEqual(1)
    expect(n).toBe(size - (statuses(answers)[200] ?? 0))
    if (size === 2) expect(statuses(answers)).toEqual({ 200: 1, 403: 1 })
  })

  test.each(SIZES)('A3 remains when %i admins are removed at once, each in a different way', async (size) => {
    const admins: Person[] = []
    for (let i = 0; i < size; i++) admins.push(await newAdmin())
    const answers = await burst(size, (i) => {
      const [, remove] = REMOVALS[i % REMOVALS.length] as (typeof REMOVALS)[number]
      return remove(admins[i] as Person, admins[i] as Person)
    })
    const refused = answers.filter(({ body }) => body.code === 'last_admin')
    expect(refused).toHaveLength(1)
    expect(answers.filter(({ status }) => status < 300)).toHaveLength(size - 1)
    expect(await row(ACTIVE_ADMINS)).toEqual({ n: 1 })
  })
})

describe('a note', () => {
  const NOTE = 'Called by Ms Vexillology-Canary, born 1969'

  test("U4 D1 K39 is encrypted under the person's key, and stored nowhere in plain text", async () => {
    const [admin, person] = [await newAdmin(), await newUser()]
    await act(admin, person, 'suspend', { note: NOTE })
    const [event] = await events('user.suspended')
    expect(JSON.stringify(await rows('SELECT * FROM audit_events'))).not.toContain('Vexillology')
    const lookup = await (await jobContext()).vault.find(person.id as never)
    if (lookup.kind !== 'found') throw new Error('no key')
    const place = { eventId: String(event?.id), owner: person.id as UserId }
    expect(await decryptNote(lookup.key, place, String(event?.note_enc))).toBe(NOTE)
    expect(event?.pii_enc).toBeNull()
  })

  test('D5 is part of the export of its subject, whose activity shows only the reason', async () => {
    const [admin, person] = [await newAdmin(), await newUser()]
    await act(admin, person, 'legal-hold', { action: 'place', note: NOTE })
    const activity = await get('/users/me/activity', person.accessToken)
    expect(activity.body.events).toContainEqual(
      expect.objectContaining({ action: 'legal_hold.placed', by: 'operator', detail: { reason: 'support_case' } }),
    )
    expect(JSON.stringify(activity.body)).not.toContain('Vexillology')
    const asked = await call('/api/v1/users/me/export', { method: 'POST', token: person.accessToken })
    const shown = await get(`/users/me/export/${asked.body.id}`, person.accessToken)
    const bundle = await call(shown.body.download, { token: person.accessToken })
    expect(JSON.stringify(bundle.body)).toContain(NOTE)
    expect(JSON.stringify(bundle.body)).not.toContain(admin.id)
  })

  test('H6 is not dropped when no store returns the key: the change is refused', async () => {
    const [admin, person] = [await newAdmin(), await newUser()]
    const down = failing((name) => name.startsWith('KEY_CACHE') || name.startsWith('VAULT'), 'down')
    expect((await act(admin, person, 'suspend', { note: NOTE }, { env: down })).status).toBe(503)
    expect(await statusOf(person)).toBe('active')
    expect((await act(admin, person, 'suspend', {}, { env: down })).status).toBe(200)
  })

  test.each([
    { note: '' },
    { note: 'x'.repeat(501) },
    { note: 'a\0b' },
    { note: 1 },
    { reason: 'because' },
    { reason: undefined },
  ])('A2 and its reason are validated: %j', async (body) => {
    const [admin, person] = [await newAdmin(), await newUser()]
    expect((await act(admin, person, 'suspend', body)).status).toBe(422)
  })
})

test('A1 an unknown or invalid id is not found', async () => {
  const admin = await newAdmin()
  const nobody = { ...admin, id: crypto.randomUUID() }
  for (const change of ['suspend', 'reactivate', 'revoke-sessions', 'require-password-reset', 'erase', 'restore'])
    expect((await act(admin, nobody, change)).body.code, change).toBe('not_found')
  expect((await act(admin, { ...admin, id: 'me' }, 'suspend')).status).toBe(404)
  for (const event of await events('user.suspended'))
    expect(event).toMatchObject({ outcome: 'failure', subject_id: null })
})

test('the counts of users by state are updated by every change', async () => {
  const [admin, ...others] = [await newAdmin(), await newUser(), await newUser(), await newUser(), await newUser()]
  const [one, two, three] = others as [Person, Person, Person, Person]
  await grant(one, 'support')
  await act(admin, one, 'suspend')
  await act(admin, two, 'erase', { immediate: true })
  await markArchived(two.id)
  await act(admin, three, 'suspend')
  await act(admin, three, 'reactivate')
  const counts = () => rows('SELECT status, users FROM user_counts ORDER BY status')
  const counted = [
    { status: 'active', users: 3 },
    { status: 'deleted', users: 1 },
    { status: 'suspended', users: 1 },
  ]
  expect(await counts()).toEqual(counted)
  await runCron()
  expect(await counts()).toEqual(counted)
  await env.DB.prepare('DELETE FROM sessions').run()
  await env.DB.prepare('DELETE FROM users WHERE id NOT IN (SELECT user_id FROM credentials)').run()
  expect(await counts()).toEqual([counted[0], { status: 'deleted', users: 0 }, counted[2]])
})
