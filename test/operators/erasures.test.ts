import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { newTimeOrderedId } from '../../src/core/ids.ts'
import { type Answer, burst, type Person, post, statuses } from '../support/api.ts'
import { runCronWithArchive } from '../support/erasures.ts'
import { act, ask, newAdmin, newUser } from '../support/operators.ts'
import { runCron } from '../support/service.ts'
import { SIZES } from '../support/sizes.ts'
import { events, rows } from '../support/stores.ts'

afterEach(() => {
  vi.useRealTimers()
})

const list = (operator: Person, state: string, query = '') => ask(operator, `/erasures?state=${state}${query}`)
const usersOf = ({ body }: Answer): string[] => body.erasures.map(({ user_id }: { user_id: string }) => user_id)
const run = (operator: Person, body: object = {}) =>
  ask(operator, '/erasures/run', { body: { reason: 'maintenance', ...body } })

async function erased(operator: Person, immediate: boolean): Promise<Person> {
  const person = await newUser()
  expect((await act(operator, person, 'erase', { immediate })).status).toBe(202)
  return person
}

describe('erasures', () => {
  test('are listed by state', async () => {
    const admin = await newAdmin()
    const done = await erased(admin, true)
    await runCronWithArchive()
    const [due, pending, held, stuck] = [
      await erased(admin, true),
      await erased(admin, false),
      await erased(admin, true),
      await erased(admin, true),
    ]
    await act(admin, held, 'legal-hold', { action: 'place' })
    await env.DB.prepare('UPDATE erasures SET started_at = ? WHERE user_id = ?')
      .bind(Date.now() - 3_700_000, stuck.id)
      .run()
    for (const [state, person] of Object.entries({ due, pending, held, failed: stuck, completed: done })) {
      const answer = await list(admin, state)
      expect(usersOf(answer), state).toEqual([person.id])
      expect(answer.body.erasures[0]).toMatchObject({ state, basis: 'operator_request' })
    }
    expect((await list(admin, 'open')).status).toBe(422)
  })

  test.each([false, true])('are each shown on one page (completed: %j)', async (isCompleted) => {
    const admin = await newAdmin()
    const people = [await erased(admin, true), await erased(admin, true), await erased(admin, true)]
    if (isCompleted) await runCronWithArchive()
    const state = isCompleted ? 'completed' : 'due'
    const first = await list(admin, state, '&limit=2')
    expect(first.headers.get('link')).toContain('rel="next"')
    const second = await list(admin, state, `&limit=2&cursor=${first.body.next_cursor}`)
    expect([...usersOf(first), ...usersOf(second)].sort()).toEqual(people.map(({ id }) => id).sort())
    expect(second.body.next_cursor).toBeNull()
  })

  test('are counted by a dry run, which changes nothing', async () => {
    const admin = await newAdmin()
    await erased(admin, true)
    await erased(admin, false)
    const { status, body } = await run(admin, { dry_run: true })
    expect([status, body]).toEqual([
      200,
      {
        dry_run: true,
        open: { pending: 1, due: 1, held: 0, failed: 0, refused: 0 },
        oldest_due_at: expect.any(String),
      },
    ])
    expect(await rows('SELECT * FROM job_runs')).toEqual([])
    expect((await events('erasure.run_requested')).map(({ detail }) => detail.dry_run)).toEqual([true])
  })

  test('D6 are carried out by the next housekeeping after an operator has requested it', async () => {
    const admin = await newAdmin()
    const person = await erased(admin, true)
    await runCron(env, '*/5 * * * *')
    expect(await env.VAULT.head(`keys/${person.id}`)).not.toBeNull()
    expect((await run(admin)).status).toBe(202)
    await runCronWithArchive(env, '*/5 * * * *')
    expect(await env.VAULT.head(`keys/${person.id}`)).toBeNull()
    const [event] = await events('erasure.run_requested')
    expect(event).toMatchObject({ subject_id: null, pii_enc: null, note_enc: null })
  })

  test.each(SIZES)('are started by one run when %i requests come at once', async (size) => {
    const admin = await newAdmin()
    expect(statuses(await burst(size, () => run(admin)))).toEqual({ 202: size })
    expect(await rows('SELECT job FROM job_runs')).toEqual([{ job: 'purge' }])
    expect(await events('erasure.run_requested')).toHaveLength(size)
  })

  test('have a receipt once they are completed, and not before', async () => {
    const admin = await newAdmin()
    const person = await erased(admin, true)
    const receipt = () => ask(admin, `/erasures/${person.id}/receipt`)
    expect((await receipt()).status).toBe(404)
    await runCronWithArchive()
    const { status, body } = await receipt()
    expect([status, body.user_id, body.receipt.split('.').length]).toEqual([200, person.id, 3])
    expect((await events('operator.receipt_viewed')).map(({ outcome, subject_id }) => [outcome, subject_id])).toEqual([
      ['failure', null],
      ['success', null],
    ])
  })
})

describe('the statistics', () => {
  test('U1 have totals and rates, without personal data', async () => {
    const admin = await newAdmin()
    const [suspended, failing] = [await newUser(), await newUser()]
    await act(admin, suspended, 'suspend')
    await erased(admin, true)
    await post('/auth/login', { email: failing.email, password: 'wrong' })
    await env.DB.prepare("INSERT INTO dead_letters (id, queue, body, received_at) VALUES ('a', 'q', '{}', 1)").run()
    await env.DB.prepare(
      `INSERT INTO audit_events (id, occurred_at, action, outcome, actor_type, request_id, sent_at)
       VALUES (?, 1, 'user.registered', 'success', 'system', 'r', 1)`,
    )
      .bind(newTimeOrderedId(1))
      .run()
    const { body } = await ask(admin, '/stats')
    expect(body).toMatchObject({
      users: { active: 2, suspended: 1, deleted: 1, admins: 1 },
      registered_last_day: 4,
      last_hour: {
        'user.registered': 4,
        'user.signed_in': 4,
        'user.sign_in_failed': 1,
        'session.reuse_detected': 0,
        'operator.denied': 0,
      },
      erasures: { open: { pending: 0, due: 1, held: 0, failed: 0, refused: 0 } },
      audit: {
        ...{ archived_events: 0, segments: 0, late_events: 1, dead_letters: 1, rejected_events: 0 },
        ...{ published_events: 0, published_at: null },
      },
      jobs: [],
    })
    await runCronWithArchive()
    expect((await ask(admin, '/stats')).body.jobs).toContainEqual({
      job: 'purge',
      last_finished_at: expect.stringMatching(/Z$/),
    })
  })
})
