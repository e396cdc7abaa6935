import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { resetDueFactors } from '../../src/identity/factor-reset/reset-due-factors.ts'
import { burst, call, type Person, post, statuses } from '../support/api.ts'
import { factorsOf, giveReset, giveTwoCodes, giveTwoStep } from '../support/factor-resets.ts'
import { faultsAt } from '../support/faults-at.ts'
import { faultyEnv, killedAt } from '../support/faulty-env.ts'
import { countCalls } from '../support/intercept-stores.ts'
import { jobContext } from '../support/job-context.ts'
import { type Mailbox, openMailbox, tokenIn } from '../support/mailbox.ts'
import { act, ask, newAdmin, newUser } from '../support/operators.ts'
import { givePasskey, signInByPasskey } from '../support/passkeys.ts'
import { giveToken } from '../support/requests.ts'
import { runCron } from '../support/service.ts'
import { SIZES } from '../support/sizes.ts'
import { change, events, prove, row, rows } from '../support/stores.ts'

const HOUR_MS = 3_600_000
const HOUSEKEEPING = '*/5 * * * *'

afterEach(() => {
  vi.useRealTimers()
})

/** A person with a proven address, an authenticator app and recovery codes, who needs two factors. */
async function newHolder(): Promise<Person> {
  const person = await newUser()
  await prove(person)
  await giveTwoStep(person)
  await giveTwoCodes(person)
  await change('DELETE FROM mail_jobs')
  return person
}

const reset = (admin: Person, person: Person, body: object = {}, using: Env = env) =>
  act(admin, person, 'reset-factors', body, { env: using })

const cancel = (admin: Person, person: Person) =>
  ask(admin, `/users/${person.id}/reset-factors?reason=support_case`, { method: 'DELETE' })

const keep = (token: string) => post('/auth/keep-factors', { token })

/** A session of this person that has proven two factors just now. */
const signInWithTwo = (person: Person): Promise<string> => tokenAt(person, '["pwd","otp","mfa"]')

async function tokenAt(person: Person, amr: string): Promise<string> {
  await change('UPDATE sessions SET amr = ? WHERE user_id = ?', amr, person.id)
  const { body } = await post('/auth/refresh', { refresh_token: person.refreshToken })
  return body.access_token
}

const keepInSession = (token: string) => call('/api/v1/users/me/factor-reset', { method: 'DELETE', token })

const untouched = { totp: 1, codes: 2, resets: 1 }
const kept = { totp: 1, codes: 2, resets: 0 }
const gone = { totp: 0, codes: 0, resets: 0 }

async function requested(using: Mailbox = openMailbox()) {
  const [admin, person] = [await newAdmin(), await newHolder()]
  const answer = await reset(admin, person, {}, using.env)
  return { admin, person, mailbox: using, answer }
}

describe("an operator's reset of second factors", () => {
  test('M13 is announced by mail, happens not before its time, and is mailed again', async () => {
    const start = Date.now()
    const { admin, person, mailbox, answer } = await requested()
    expect(answer.status).toBe(202)
    const dueAt = Date.parse(answer.body.due_at)
    expect(answer.body.kinds).toEqual(['totp', 'passkeys', 'recovery_codes'])
    expect(dueAt - start).toBeGreaterThanOrEqual(24 * HOUR_MS)
    expect(dueAt - start).toBeLessThan(24 * HOUR_MS + 60_000)
    const [told, ...others] = await mailbox.collect()
    expect(others).toEqual([])
    expect(told?.to).toBe(person.email)
    expect(told?.text).toMatch(/\/account\/keep-factors#token=lk_keep_/)
    expect(told?.text).toContain('To be removed: authenticator app, passkeys and security keys, recovery codes')
    expect(told?.text).toMatch(/^Not before: .* UTC$/m)

    vi.setSystemTime(dueAt - 1)
    await runCron(mailbox.env, HOUSEKEEPING)
    expect(await factorsOf(person)).toEqual(untouched)
    const live = () => rows('SELECT 1 FROM sessions WHERE user_id = ? AND revoked_at IS NULL', person.id)
    expect(await live()).toHaveLength(1)

    vi.setSystemTime(dueAt)
    await runCron(mailbox.env, HOUSEKEEPING)
    expect(await factorsOf(person)).toEqual(gone)
    expect(await live()).toHaveLength(0)
    expect((await env.SESSIONS.list({ prefix: 'revoked:' })).keys).toHaveLength(1)
    expect(await row('SELECT two_step_at, two_step_due_at, security_epoch FROM users WHERE id = ?', person.id)).toEqual(
      {
        two_step_at: 1,
        two_step_due_at: null,
        security_epoch: 1,
      },
    )
    vi.setSystemTime(dueAt + 5 * 60_000)
    await runCron(mailbox.env, HOUSEKEEPING)
    const [done] = await mailbox.collect()
    expect(done?.to).toBe(person.email)
    expect(done?.text).toContain('Removed: authenticator app, passkeys and security keys, recovery codes')
    expect(await events('factors.reset_requested')).toMatchObject([
      {
        actor_id: admin.id,
        subject_id: person.id,
        outcome: 'success',
        detail: { reason: 'support_case', kinds: ['totp', 'passkeys', 'recovery_codes'], due_at: answer.body.due_at },
      },
    ])
    expect(await events('factors.reset')).toMatchObject([
      { actor_type: 'system', subject_id: person.id, detail: { kinds: ['totp', 'passkeys', 'recovery_codes'] } },
    ])
    expect((await keep(tokenIn(told))).body.code).toBe('invalid_token')
  })

  test.each([
    ['totp', { totp: 0, codes: 2, resets: 0 }],
    ['recovery_codes', { totp: 1, codes: 0, resets: 0 }],
  ])('M13 removes only the kinds that it names: %s', async (kind, left) => {
    const [admin, person] = [await newAdmin(), await newHolder()]
    const { body } = await reset(admin, person, { kinds: [kind, kind] })
    expect(body.kinds).toEqual([kind])
    vi.setSystemTime(Date.parse(body.due_at))
    await runCron(env, HOUSEKEEPING)
    expect(await factorsOf(person)).toEqual(left)
  })

  test('M13 removes passkeys alone, so that their holder is told, and ends what they opened', async () => {
    const [admin, person] = [await newAdmin(), await newHolder()]
    await change('UPDATE users SET two_step_at = NULL WHERE id = ?', person.id)
    const { device } = await givePasskey(person)
    const before = await factorsOf(person)
    const { body } = await reset(admin, person, { kinds: ['passkeys'] })
    vi.setSystemTime(Date.parse(body.due_at))
    await runCron(env, HOUSEKEEPING)
    expect(await factorsOf(person)).toEqual(before)
    expect(await signInByPasskey(device)).toMatchObject({ status: 401, body: { code: 'passkey_removed' } })
    expect(await rows('SELECT details_enc FROM passkeys')).toEqual([{ details_enc: null }])
    expect((await reset(await newAdmin(), person, { kinds: ['passkeys'] })).status).toBe(409)
  })

  test('leaves an account that needs one factor as it is, but without the factors', async () => {
    const [admin, person] = [await newAdmin(), await newHolder()]
    const dueAt = Date.now() + 90 * 24 * HOUR_MS
    await change('UPDATE users SET two_step_at = NULL, two_step_due_at = ? WHERE id = ?', dueAt, person.id)
    vi.setSystemTime(Date.parse((await reset(admin, person)).body.due_at))
    await runCron(env, HOUSEKEEPING)
    expect(await factorsOf(person)).toEqual(gone)
    expect(await rows('SELECT two_step_due_at FROM users WHERE id = ?', person.id)).toEqual([
      { two_step_due_at: dueAt },
    ])
  })

  test('a delay of 0 hours is over with the next run of the cron', async () => {
    const mailbox = openMailbox({ FACTOR_RESET_DELAY_HOURS: '0' })
    const { person } = await requested(mailbox)
    expect(await factorsOf(person)).toEqual(untouched)
    await runCron(mailbox.env, HOUSEKEEPING)
    expect(await factorsOf(person)).toEqual(gone)
  })

  test('M13 is never for oneself', async () => {
    const admin = await newAdmin()
    await prove(admin)
    await giveTwoCodes(admin)
    const answer = await reset(admin, admin)
    expect([answer.status, answer.body.code]).toEqual([409, 'state_conflict'])
    expect(answer.body.detail).toContain('Another operator')
    expect(await events('factors.reset_requested')).toMatchObject([{ outcome: 'failure', subject_id: admin.id }])
    expect(await rows('SELECT * FROM factor_resets')).toEqual([])
    expect(await rows("SELECT 1 FROM mail_jobs WHERE template <> 'verify-email'")).toEqual([])
  })

  test.each([
    ['of an address that is not proven', 'UPDATE users SET is_verified = 0 WHERE id = ?', 403, 'email_unverified'],
    ['of a deleted account', "UPDATE users SET status = 'deleted' WHERE id = ?", 409, 'state_conflict'],
    ['without such a factor', 'DELETE FROM totp_factors WHERE user_id = ?', 409, 'state_conflict'],
  ])('%s is refused', async (_, sql, status, code) => {
    const [admin, person] = [await newAdmin(), await newHolder()]
    await change(sql, person.id)
    const answer = await reset(admin, person, { kinds: ['totp'] })
    expect([answer.status, answer.body.code]).toEqual([status, code])
    expect(await rows('SELECT * FROM factor_resets')).toEqual([])
    expect(await rows("SELECT * FROM one_time_tokens WHERE purpose = 'keep'")).toEqual([])
    expect(await events('factors.reset_requested')).toMatchObject([{ outcome: 'failure' }])
  })

  test('of an address that is not proven is possible where no mail leaves', async () => {
    const [admin, person] = [await newAdmin(), await newHolder()]
    await change('UPDATE users SET is_verified = 0 WHERE id = ?', person.id)
    expect((await reset(admin, person, {}, { ...env, MAIL_TRANSPORT: 'off' } as unknown as Env)).status).toBe(202)
  })

  test('is refused while the quota would hold its mail back, so that the owner always gets the link', async () => {
    const { admin, person, mailbox } = await requested()
    for (let i = 0; i < 9; i++) {
      expect((await cancel(admin, person)).status).toBe(204)
      expect((await reset(admin, person, {}, mailbox.env)).status).toBe(202)
    }
    expect((await cancel(admin, person)).status).toBe(204)
    expect((await reset(admin, person, {}, mailbox.env)).body.code).toBe('state_conflict')
    expect(await rows("SELECT 1 FROM mail_jobs WHERE template = 'notices-held-back'")).toEqual([])
    vi.setSystemTime(Date.now() + HOUR_MS + 1000)
    await change('UPDATE sessions SET auth_time = ?', Date.now())
    const { body } = await post('/auth/refresh', { refresh_token: admin.refreshToken })
    expect((await reset({ ...admin, accessToken: body.access_token }, person, {}, mailbox.env)).status).toBe(202)
  })

  test.each(SIZES)('is requested once by %i at once, with one link', async (size) => {
    const [admin, person] = [await newAdmin(), await newHolder()]
    expect(statuses(await burst(size, () => reset(admin, person)))).toEqual({ 202: 1, 409: size - 1 })
    expect(await rows("SELECT 1 FROM one_time_tokens WHERE purpose = 'keep'")).toHaveLength(1)
    expect(await rows("SELECT 1 FROM mail_jobs WHERE template = 'factor-reset-requested'")).toHaveLength(1)
  })
})

describe('M13 a reset is cancelled', () => {
  test("by the owner's link, once", async () => {
    const { person, mailbox, answer } = await requested()
    const token = tokenIn((await mailbox.collect())[0])
    expect((await keep(token)).status).toBe(204)
    expect(await factorsOf(person)).toEqual(kept)
    expect((await keep(token)).body.code).toBe('invalid_token')
    expect(await events('factors.reset_cancelled')).toMatchObject([
      { actor_type: 'user', actor_id: person.id, subject_id: person.id, pii_enc: expect.any(String), detail: null },
    ])
    vi.setSystemTime(Date.parse(answer.body.due_at) + 1)
    await runCron(mailbox.env, HOUSEKEEPING)
    expect(await factorsOf(person)).toEqual(kept)
    expect(await mailbox.collect()).toEqual([])
  })

  test('by a session that has just proven two factors, and the link is void then', async () => {
    const { person, mailbox, answer } = await requested()
    const token = tokenIn((await mailbox.collect())[0])
    const shown = await call('/api/v1/users/me/factors', { token: await signInWithTwo(person) })
    expect(shown.body.reset).toEqual({ kinds: answer.body.kinds, due_at: answer.body.due_at })
    expect((await keepInSession(await signInWithTwo(person))).status).toBe(204)
    expect(await factorsOf(person)).toEqual(kept)
    expect((await keepInSession(await signInWithTwo(person))).status).toBe(404)
    expect((await keep(token)).body.code).toBe('invalid_token')
    expect(await events('factors.reset_cancelled')).toMatchObject([{ actor_id: person.id, subject_id: person.id }])
  })

  test('not by a session with one factor, nor by one that has ended', async () => {
    const { person, mailbox } = await requested()
    const low = await keepInSession(await tokenAt(person, '["pwd"]'))
    expect([low.status, low.body.code]).toEqual([401, 'step_up_required'])
    expect(low.headers.get('www-authenticate')).toContain('acr_values="aal2"')
    const token = await signInWithTwo(person)
    await change('UPDATE sessions SET revoked_at = 1 WHERE user_id = ?', person.id)
    expect((await keepInSession(token)).status).toBe(401)
    expect(await factorsOf(person)).toEqual(untouched)
    expect((await keep(tokenIn((await mailbox.collect())[0]))).status).toBe(204)
  })

  test('by an operator, and the link is void then', async () => {
    const { admin, person, mailbox } = await requested()
    const token = tokenIn((await mailbox.collect())[0])
    expect((await cancel(admin, person)).status).toBe(204)
    expect((await cancel(admin, person)).status).toBe(409)
    expect(await factorsOf(person)).toEqual(kept)
    expect((await keep(token)).body.code).toBe('invalid_token')
    expect((await events('factors.reset_cancelled')).map(({ outcome }) => outcome)).toEqual(['success', 'failure'])
  })

  test.each([
    ['an operator cancelled', async (person: Person, admin: Person) => cancel(admin, person)],
    ['a session cancelled', async (person: Person) => keepInSession(await signInWithTwo(person))],
    [
      'was done',
      async (person: Person) => {
        await change('UPDATE factor_resets SET due_at = 1')
        await runCron(env, HOUSEKEEPING)
        await giveTwoStep(person)
        await giveTwoCodes(person)
      },
    ],
  ])('not by the link of an earlier request, which %s', async (_, end) => {
    const { admin, person, mailbox } = await requested()
    const earlier = tokenIn((await mailbox.collect())[0])
    await end(person, admin)
    expect((await reset(admin, person, {}, mailbox.env)).status).toBe(202)
    expect((await keep(earlier)).body.code).toBe('invalid_token')
    expect(await factorsOf(person)).toEqual(untouched)
  })

  test('not by a link whose reset is gone: the link is not used up by it', async () => {
    const person = await newHolder()
    await giveReset(await newHolder())
    expect((await keep(await giveToken(person, 'keep'))).status).toBe(400)
    expect(await rows("SELECT consumed_at FROM one_time_tokens WHERE purpose = 'keep'")).toEqual([
      { consumed_at: null },
    ])
  })
})

describe('M13 neither a reset nor its cancellation', () => {
  const ends: Readonly<Record<string, (person: Person, admin: Person) => Promise<unknown>>> = {
    'by the link': async (person) => keep(await giveToken(person, 'keep')),
    'by a session': async (person) => keepInSession(await signInWithTwo(person)),
    'by an operator': (person, admin) => cancel(admin, person),
    'by the cron': async (person) => {
      await change('UPDATE factor_resets SET due_at = 1 WHERE user_id = ?', person.id)
      await runCron(env, HOUSEKEEPING)
    },
  }

  test.each(Object.entries(ends))('touches those of another person: %s', async (_, end) => {
    const [other, { admin, person }] = [await newHolder(), await requested()]
    await giveReset(other, { dueAt: 4e12 })
    await giveToken(other, 'keep')
    const belongings = () =>
      Promise.all([
        factorsOf(other),
        rows('SELECT security_epoch, two_step_at FROM users WHERE id = ?', other.id),
        rows('SELECT revoked_at FROM sessions WHERE user_id = ?', other.id),
        rows("SELECT consumed_at, expires_at FROM one_time_tokens WHERE user_id = ? AND purpose = 'keep'", other.id),
      ])
    const before = await belongings()
    await end(person, admin)
    expect(await factorsOf(person)).toMatchObject({ resets: 0 })
    expect(await belongings()).toEqual(before)
  })
})

describe('M13 a reset that is due', () => {
  const due = async () => {
    const person = await newHolder()
    await giveReset(person, { dueAt: Date.now() - 1 })
    return person
  }

  test.each(SIZES)('is done once by %i runs of the cron at once', async (size) => {
    const person = await due()
    await Promise.all(Array.from({ length: size }, () => runCron(env, HOUSEKEEPING)))
    expect(await factorsOf(person)).toEqual(gone)
    expect(await events('factors.reset')).toHaveLength(1)
    expect(await rows('SELECT security_epoch FROM users WHERE id = ?', person.id)).toEqual([{ security_epoch: 1 }])
    expect(await rows("SELECT 1 FROM mail_jobs WHERE template = 'factors-reset'")).toHaveLength(1)
  })

  test('is mailed by the run that does it, not by a later one', async () => {
    await due()
    const { env: watched, calls } = countCalls()
    await runCron(watched, HOUSEKEEPING)
    expect(calls).toContain('MAIL_QUEUE.sendBatch')
  })

  test.each(SIZES)('is done or cancelled, never both, by %i of each at once', async (size) => {
    const person = await due()
    const session = await signInWithTwo(person)
    const tokens = await Promise.all(Array.from({ length: size }, () => giveToken(person, 'keep')))
    const [, byLink, bySession] = await Promise.all([
      Promise.all(Array.from({ length: size }, () => runCron(env, HOUSEKEEPING))),
      burst(size, (i) => keep(tokens[i] ?? '')),
      burst(size, () => keepInSession(session)),
    ])
    const cancelled = [...byLink, ...bySession].filter(({ status }) => status === 204).length
    const done = (await events('factors.reset')).length
    expect(cancelled + done).toBe(1)
    expect(await events('factors.reset_cancelled')).toHaveLength(cancelled)
    expect(await factorsOf(person)).toEqual(done === 1 ? gone : kept)
  })

  test.each([
    ['for later', 4e12, '["totp","recovery_codes"]'],
    ['of other factors', 1, '["totp"]'],
  ])('is left alone by a run that has read it, if it is cancelled and requested again %s', async (_, dueAt, kinds) => {
    const person = await due()
    const link = await giveToken(person, 'keep')
    const { vault, ...ctx } = await jobContext()
    const find: typeof vault.find = async (id) => {
      await change('UPDATE factor_resets SET due_at = ?, kinds = ?', dueAt, kinds)
      return vault.find(id)
    }
    await resetDueFactors({ ...ctx, vault: { ...vault, find } }, 20)
    expect(await factorsOf(person)).toEqual(untouched)
    expect(await events('factors.reset')).toEqual([])
    expect(await rows("SELECT 1 FROM mail_jobs WHERE template = 'factors-reset'")).toEqual([])
    expect(await rows('SELECT security_epoch FROM users WHERE id = ?', person.id)).toEqual([{ security_epoch: 0 }])
    expect(await rows('SELECT 1 FROM sessions WHERE user_id = ? AND revoked_at IS NULL', person.id)).toHaveLength(1)
    expect((await keep(link)).status).toBe(204)
  })

  test('H3 is done once, also after a run that was cut off at any call', async () => {
    let cut = 0
    for (let at = 0, wasCut = true; wasCut; at++)
      for (const fault of faultsAt(at)) {
        const { id } = await due()
        const faulty = faultyEnv(env, killedAt(at, fault))
        await resetDueFactors(await jobContext(Date.now(), faulty.env), 20).catch(() => undefined)
        wasCut = faulty.calls.length > at
        cut = wasCut ? at + 1 : cut
        await resetDueFactors(await jobContext(), 20)
        expect(await factorsOf({ id })).toEqual(gone)
        expect(
          await rows("SELECT 1 FROM audit_events WHERE subject_id = ? AND action = 'factors.reset'", id),
        ).toHaveLength(1)
        expect(await rows("SELECT 1 FROM mail_jobs WHERE user_id = ? AND template = 'factors-reset'", id)).toHaveLength(
          1,
        )
        expect(await rows('SELECT security_epoch FROM users WHERE id = ?', id)).toEqual([{ security_epoch: 1 }])
        expect(await rows('SELECT 1 FROM sessions WHERE user_id = ? AND revoked_at IS NULL', id)).toEqual([])
      }
    expect(cut).toBeGreaterThan(1)
  })

  test('of several, one that fails holds up none of the others', async () => {
    const people = [await due(), await due(), await due()]
    await change("UPDATE factor_resets SET kinds = 'no json' WHERE user_id = ?", people[1]?.id)
    await runCron(env, HOUSEKEEPING)
    expect(await Promise.all(people.map(factorsOf))).toEqual([gone, untouched, gone])
  })

  test('of several, all of which fail, is no success: the cause may be the store', async () => {
    await due()
    await due()
    await change("UPDATE factor_resets SET kinds = 'no json'")
    await expect(resetDueFactors(await jobContext(), 20)).rejects.toThrow()
  })

  test('is done while KV and R2 are down, and its mail names no factors', async () => {
    const person = await due()
    const broken = { ...env, VAULT: down, KEY_CACHE: down, SESSIONS: down } as unknown as Env
    await runCron(broken, HOUSEKEEPING)
    expect(await factorsOf(person)).toEqual(gone)
    expect(await rows("SELECT payload_enc FROM mail_jobs WHERE template = 'factors-reset'")).toEqual([
      { payload_enc: null },
    ])
  })
})

const down = new Proxy({}, { get: () => () => Promise.reject(new Error('down')) })
