import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { together } from '../../src/core/for-all.ts'
import { followPolicyEverywhere } from '../../src/identity/two-step/follow-policy-everywhere.ts'
import { burst, newPerson, PASSWORD, type Person, post, statuses } from '../support/api.ts'
import { beforeBatch } from '../support/intercept-stores.ts'
import { jobContext } from '../support/job-context.ts'
import { act, ask, grant, newAdmin, newUser, setRoles } from '../support/operators.ts'
import { SIZES } from '../support/sizes.ts'
import { change, events, prove, row, rows } from '../support/stores.ts'

afterEach(() => {
  vi.useRealTimers()
})

const DAY_MS = 86_400_000
const NONE = { two_step_due_at: null, two_step_due_by: null }

const under = (TWO_STEP_REQUIRED: string, more: object = {}) => ({ ...env, TWO_STEP_REQUIRED, ...more }) as Env
const ROLES = under('roles', { TWO_STEP_ROLES: 'admin,support' })

const dueOf = ({ id }: Pick<Person, 'id'>) => row('SELECT two_step_due_at, two_step_due_by FROM users WHERE id = ?', id)

const giveRoles = (admin: Person, person: Person, roles: readonly string[], using: Env = ROLES) =>
  act(admin, person, 'roles', { roles }, { method: 'PUT', env: using })

/** Runs the job to its end. */
async function runJob(using: Env): Promise<number> {
  const ctx = await jobContext(Date.now(), using)
  let [cursor, changed]: [string | undefined, number] = [undefined, 0]
  do {
    const page = await followPolicyEverywhere(ctx, cursor, together)
    cursor = page.next
    changed += page.counts.changed
  } while (cursor !== 'done')
  return changed
}

describe('M11 the due date of a role', () => {
  test('is set by the batch that gives the role, recorded and mailed, and taken away with the last one', async () => {
    vi.setSystemTime(Date.now())
    const [admin, person] = [await newAdmin(), await newUser()]
    await prove(person)
    const { body } = await giveRoles(admin, person, ['support', 'billing'])
    const at = Date.now() + 14 * DAY_MS
    expect(await dueOf(person)).toEqual({ two_step_due_at: at, two_step_due_by: 'policy' })
    expect(body).toMatchObject({ two_step_at: null, two_step_due_at: new Date(at).toISOString() })
    expect(await events('two_step.due')).toMatchObject([
      { subject_id: person.id, actor_id: admin.id, detail: { by: 'role', due_at: new Date(at).toISOString() } },
    ])
    expect(await rows("SELECT user_id FROM mail_jobs WHERE template = 'two-step-due'")).toEqual([
      { user_id: person.id },
    ])

    vi.setSystemTime(Date.now() + DAY_MS)
    await giveRoles(await newAdmin(), person, ['admin', 'support'])
    expect((await dueOf(person)).two_step_due_at).toBe(at)
    await giveRoles(await newAdmin(), person, ['billing'])
    expect(await dueOf(person)).toEqual(NONE)
    expect(await events('two_step.released')).toMatchObject([{ subject_id: person.id, detail: { by: 'role' } }])
    expect(await events('two_step.due')).toHaveLength(1)
  })

  test('is not set by a role that the policy does not name, nor under another policy', async () => {
    const [admin, person] = [await newAdmin(), await newUser()]
    await giveRoles(admin, person, ['billing'])
    for (const other of ['none', 'everyone']) await giveRoles(admin, person, ['admin'], under(other))
    expect(await dueOf(person)).toEqual(NONE)
    expect(await events('two_step.due')).toEqual([])
  })

  test('is not set where the change of roles is refused', async () => {
    const admin = await newAdmin()
    await change("UPDATE users SET two_step_due_at = 9e15, two_step_due_by = 'policy' WHERE id = ?", admin.id)
    expect((await giveRoles(admin, admin, ['billing'])).body.code).toBe('last_admin')
    expect(await dueOf(admin)).toEqual({ two_step_due_at: 9e15, two_step_due_by: 'policy' })
    expect(await events('two_step.released')).toEqual([])
  })

  test.each(SIZES)('is set once by %i grants at once', async (size) => {
    const [admin, person] = [await newAdmin(), await newUser()]
    await prove(person)
    expect(statuses(await burst(size, () => giveRoles(admin, person, ['support'])))).toEqual({ 200: size })
    expect(await events('two_step.due')).toHaveLength(1)
    expect(await rows("SELECT 1 FROM mail_jobs WHERE template = 'two-step-due'")).toHaveLength(1)
  })

  test('one factor opens a session until then, and none from then on', async () => {
    vi.setSystemTime(Date.now())
    const [admin, person] = [await newAdmin(), await newPerson()]
    await giveRoles(admin, person, ['support'])
    const signIn = () => post('/auth/login', { email: person.email, password: PASSWORD }, { env: ROLES })
    vi.setSystemTime(Date.now() + 14 * DAY_MS - 1)
    expect((await signIn()).body).toHaveProperty('access_token')
    vi.setSystemTime(Date.now() + 1)
    expect((await signIn()).body).toMatchObject({ enrolment_required: true })
    expect((await signIn()).body).not.toHaveProperty('access_token')
  })
})

describe('M11 the job that follows the policy', () => {
  test('gives a date to those who have the role, and to everybody where the policy says so', async () => {
    vi.setSystemTime(Date.now())
    const [holder, other] = [await newUser(), await newUser()]
    await grant(holder, 'support')
    expect(await runJob(ROLES)).toBe(1)
    const at = Date.now() + 14 * DAY_MS
    expect([await dueOf(holder), await dueOf(other)]).toMatchObject([{ two_step_due_at: at }, NONE])
    expect(await events('two_step.due')).toMatchObject([{ subject_id: holder.id, detail: { by: 'policy' } }])

    vi.setSystemTime(Date.now() + DAY_MS)
    expect(await runJob(under('everyone'))).toBe(1)
    expect([await dueOf(holder), await dueOf(other)]).toMatchObject([
      { two_step_due_at: at },
      { two_step_due_at: Date.now() + 14 * DAY_MS },
    ])
    expect(await runJob(under('everyone'))).toBe(0)
  })

  test('moves a date to an earlier time where the grace becomes shorter, never to a later one', async () => {
    vi.setSystemTime(Date.now())
    const person = await newUser()
    const everyone = (days: string) => under('everyone', { TWO_STEP_GRACE_DAYS: days })
    for (const [days, expected] of [
      ['7', 7],
      ['3', 3],
      ['30', 3],
    ] as const) {
      await runJob(everyone(days))
      expect((await dueOf(person)).two_step_due_at).toBe(Date.now() + expected * DAY_MS)
    }
  })

  test('releases those whom the policy covers no more, and keeps the dates of operators and imports', async () => {
    const [byPolicy, byOperator, byImport, wanting] = [
      await newUser(),
      await newUser(),
      await newUser(),
      await newUser(),
    ]
    await change("UPDATE users SET two_step_due_at = 5, two_step_due_by = 'operator' WHERE id = ?", byOperator.id)
    await change('UPDATE users SET two_step_due_at = 6 WHERE id = ?', byImport.id)
    await change('UPDATE users SET two_step_at = 7 WHERE id = ?', wanting.id)
    expect(await runJob(under('everyone'))).toBe(2)
    expect(await runJob(under('none'))).toBe(2)
    expect(await Promise.all([byPolicy, byOperator, byImport].map(dueOf))).toEqual([
      NONE,
      { two_step_due_at: 5, two_step_due_by: 'operator' },
      { two_step_due_at: 6, two_step_due_by: null },
    ])
    expect((await row('SELECT two_step_at FROM users WHERE id = ?', wanting.id)).two_step_at).toBe(7)
    expect(await events('two_step.released')).toHaveLength(2)
  })

  test('takes over the date of an import where that is later, not that of an operator', async () => {
    vi.setSystemTime(Date.now())
    const [byImport, byOperator] = [await newUser(), await newUser()]
    await change('UPDATE users SET two_step_due_at = 9e15')
    await change("UPDATE users SET two_step_due_by = 'operator' WHERE id = ?", byOperator.id)
    expect(await runJob(under('everyone'))).toBe(1)
    expect([await dueOf(byImport), await dueOf(byOperator)]).toEqual([
      { two_step_due_at: Date.now() + 14 * DAY_MS, two_step_due_by: 'policy' },
      { two_step_due_at: 9e15, two_step_due_by: 'operator' },
    ])
  })

  test('goes on where it was cut off, page by page, and passes over the erased', async () => {
    const insert = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
      INSERT INTO users (id, email_index, email_domain_index, email_enc, created_at)
      SELECT printf('%08x-0000-4000-8000-000000000000', i), 'i' || i, '', iif(i = 7, '', 'v2.x.y'), 1 FROM n`
    await change(insert, 450)
    const ctx = await jobContext(Date.now(), under('everyone'))
    const first = await followPolicyEverywhere(ctx, undefined, together)
    expect(first.counts).toEqual({ changed: 200 })
    expect(await rows('SELECT 1 FROM users WHERE two_step_due_at IS NOT NULL')).toHaveLength(200)
    const second = await followPolicyEverywhere(ctx, first.next, together)
    expect(await followPolicyEverywhere(ctx, second.next, together)).toEqual({ next: 'done', counts: { changed: 49 } })
    expect((await row("SELECT two_step_due_at FROM users WHERE email_enc = ''")).two_step_due_at).toBeNull()
  })

  test('loses against an operator who sets a date between its read and its write', async () => {
    const person = await newUser()
    const using = beforeBatch(2, () =>
      change("UPDATE users SET two_step_due_at = 5, two_step_due_by = 'operator' WHERE id = ?", person.id),
    )
    await runJob({ ...under('everyone'), DB: using.DB } as Env)
    expect((await dueOf(person)).two_step_due_at).toBe(5)
    expect(await events('two_step.due')).toEqual([])
  })
})

describe('M11 an operator who requires two factors of an account', () => {
  const require = (admin: Person, person: Person, due_at: string | null) =>
    act(admin, person, 'require-two-step', { due_at })

  test('sets a date, which wins over the policy, and takes it back', async () => {
    const [admin, person] = [await newAdmin(), await newUser()]
    await prove(person)
    const due = new Date(Date.now() + DAY_MS).toISOString()
    const { status, body } = await require(admin, person, due)
    expect([status, body.two_step_due_at]).toEqual([200, due])
    expect(await events('two_step.due')).toMatchObject([
      { subject_id: person.id, detail: { by: 'operator', due_at: due, reason: 'support_case' } },
    ])
    expect(await rows("SELECT user_id FROM mail_jobs WHERE template = 'two-step-due'")).toEqual([
      { user_id: person.id },
    ])
    expect((await require(admin, person, due)).body.code).toBe('state_conflict')
    await runJob(under('none'))
    await runJob(under('everyone', { TWO_STEP_GRACE_DAYS: '0' }))
    expect((await dueOf(person)).two_step_due_at).toBe(Date.parse(due))

    expect((await require(admin, person, null)).body.two_step_due_at).toBeNull()
    expect(await dueOf(person)).toEqual(NONE)
    expect(await events('two_step.released')).toMatchObject([{ detail: { by: 'operator', reason: 'support_case' } }])
    expect((await require(admin, person, null)).body.code).toBe('state_conflict')
    expect(await runJob(under('everyone'))).toBe(1)
  })

  test.each(SIZES)('takes a date back once of %i requests, and the policy holds from the same moment', async (size) => {
    vi.setSystemTime(Date.now())
    const [admin, person] = [await newAdmin(), await newUser()]
    await prove(person)
    await require(admin, person, new Date(Date.now() + DAY_MS).toISOString())
    const release = () =>
      act(
        admin,
        person,
        'require-two-step',
        { due_at: null },
        { env: under('everyone', { TWO_STEP_GRACE_DAYS: '30' }) },
      )
    const answers = await burst(size, release)
    expect(statuses(answers)).toEqual({ 200: 1, 409: size - 1 })
    const at = Date.now() + 30 * DAY_MS
    expect(await dueOf(person)).toEqual({ two_step_due_at: at, two_step_due_by: 'policy' })
    expect(answers.find(({ status }) => status === 200)?.body.two_step_due_at).toBe(new Date(at).toISOString())
    const due = await events('two_step.due')
    expect(due.map(({ detail }) => detail.by).sort()).toEqual(['operator', 'policy'])
    expect(await rows("SELECT 1 FROM mail_jobs WHERE template = 'two-step-due'")).toHaveLength(2)
    // The date of the policy is no operator's to take back.
    expect((await release()).body.code).toBe('state_conflict')
    expect((await act(admin, person, 'require-two-step', { due_at: null })).status).toBe(200)
    expect(await dueOf(person)).toEqual(NONE)
  })

  test('with a time in the past requires them from now on, and leaves the sessions', async () => {
    vi.setSystemTime(Date.now())
    const [admin, person] = [await newAdmin(), await newPerson()]
    await require(admin, person, '2020-01-01T00:00:00.000Z')
    expect((await dueOf(person)).two_step_due_at).toBe(Date.now())
    expect((await ask(person, '/stats')).body.code).toBe('forbidden')
    const asked = await post('/auth/login', { email: person.email, password: PASSWORD })
    expect(asked.body).toMatchObject({ enrolment_required: true })
  })

  test('takes over the date that the policy has set', async () => {
    const [admin, person] = [await newAdmin(), await newUser()]
    await giveRoles(admin, person, ['support'])
    const { two_step_due_at: at } = await dueOf(person)
    expect((await require(admin, person, new Date(Number(at)).toISOString())).status).toBe(200)
    expect(await dueOf(person)).toEqual({ two_step_due_at: at, two_step_due_by: 'operator' })
    await setRoles(admin, person, [])
    expect((await dueOf(person)).two_step_due_at).toBe(at)
  })

  test.each(SIZES)('does it once in %i requests at once', async (size) => {
    const [admin, person] = [await newAdmin(), await newUser()]
    const due = new Date(Date.now() + DAY_MS).toISOString()
    const answers = await burst(size, () => require(admin, person, due))
    expect(statuses(answers)).toEqual({ 200: 1, 409: size - 1 })
    expect((await events('two_step.due')).filter(({ outcome }) => outcome === 'success')).toHaveLength(1)
  })
})
