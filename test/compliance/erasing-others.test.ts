import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { believeMarkers } from '../../src/compliance/erasure/markers.ts'
import { purgeDueUsers } from '../../src/compliance/erasure/purge-due-users.ts'
import { formatPass } from '../../src/compliance/erasure/reopen-pass.ts'
import { reopenRestored } from '../../src/compliance/erasure/reopen-restored.ts'
import { sealFound } from '../../src/compliance/erasure/seal-found.ts'
import { beginSigning } from '../../src/compliance/erasure/sign-markers.ts'
import { openRun, openRuns } from '../../src/compliance/job-runs.ts'
import { together } from '../../src/core/for-all.ts'
import { newTimeOrderedId } from '../../src/core/ids.ts'
import { call, newPerson, PASSWORD, type Person, post } from '../support/api.ts'
import { type Console, listenToConsole } from '../support/console.ts'
import { markArchived, markErased, requestErasure, sealErasures } from '../support/erasures.ts'
import { faultyEnv } from '../support/faulty-env.ts'
import { mirroredEnv } from '../support/intercept-stores.ts'
import { jobContext } from '../support/job-context.ts'
import { act, newAdmin, newUser } from '../support/operators.ts'
import { plainApp as app } from '../support/passwords.ts'
import { envWithKeys } from '../support/root-keys.ts'
import { deliver, keysIn, runCron, unarchivedEvents } from '../support/service.ts'
import { SIZES } from '../support/sizes.ts'
import { change, events, row, rows } from '../support/stores.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const FIVE_MINUTES = '*/5 * * * *'

let written: Console

beforeEach(() => {
  written = listenToConsole()
})

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const passMs = (ms: number) => vi.setSystemTime(Date.now() + ms)

/** The first run of this version was two hours ago, so nothing is sealed any more. */
const settle = async () => sealFound(await jobContext(Date.now() - 2 * HOUR_MS))

const deleteAccount = (person: Person) => call('/api/v1/users/me', { method: 'DELETE', token: person.accessToken })

const hasKey = async ({ id }: Person) => (await env.VAULT.head(`keys/${id}`)) !== null

const alarms = async () => (await rows('SELECT name FROM alarms ORDER BY name')).map(({ name }) => name)

const stateOf = ({ id }: Person) =>
  row('SELECT refused_at IS NOT NULL AS refused, started_at FROM erasures WHERE user_id = ?', id)

const restore = async (person: Person) => {
  const { body } = await call('/api/v1/auth/login', { body: { email: person.email, password: PASSWORD }, app })
  return await post('/auth/restore', { token: body.restore_token })
}

/** A row of `erasures` with all its columns, and how to put it back. */
async function copyErasure({ id }: Person) {
  const copy = await row('SELECT * FROM erasures WHERE user_id = ?', id)
  const columns = Object.keys(copy)
  return () =>
    change(
      `INSERT INTO erasures (${columns}) VALUES (${columns.map(() => '?')}) ON CONFLICT DO NOTHING`,
      ...Object.values(copy),
    )
}

const kill = ({ id }: Person) =>
  change("UPDATE users SET status = 'deleted', deleted_at = 1, purge_after = 2 WHERE id = ?", id)

const INSERT = 'INSERT INTO erasures (user_id, requested_at, due_at, basis, seal, started_at) VALUES (?, 1, 2, ?, ?, ?)'

describe('K30 whoever can write D1 makes the service erase nobody', () => {
  const forgeries: Readonly<Record<string, (victim: Person, other: Person) => Promise<unknown>>> = {
    'by a row without a seal': async (victim) => {
      await kill(victim)
      await change(INSERT, victim.id, 'user_request', null, null)
    },
    'by a row with an invented seal': async (victim) => {
      await kill(victim)
      await change(INSERT, victim.id, 'user_request', `1.${'A'.repeat(43)}`, null)
    },
    'by a row whose purge seems to have begun': async (victim) => {
      await kill(victim)
      await change(INSERT, victim.id, 'operator_request', null, 1)
    },
    'by a row that seems to come from a marker': (victim) => change(INSERT, victim.id, 'database_restored', null, null),
    'by the genuine row of another person under another id': async (victim, other) => {
      await kill(victim)
      await requestErasure(other.id)
      await change('UPDATE erasures SET user_id = ?', victim.id)
    },
    'by a genuine request that is dated forward': async (victim) => {
      await deleteAccount(victim)
      await change('UPDATE erasures SET due_at = 1')
    },
  }

  test.each(Object.keys(forgeries))('%s', async (name) => {
    const [victim, other] = [await newUser(), await newUser()]
    await settle()
    await forgeries[name]?.(victim, other)
    await runCron()
    await runCron()
    expect(await hasKey(victim)).toBe(true)
    expect(await stateOf(victim)).toEqual({ refused: 1, started_at: expect.toSatisfy((at) => at === null || at === 1) })
    expect(await alarms()).toEqual(['unsealed_erasure'])
    expect(written.lines('erasure_refused')).toEqual([
      { level: 'error', event: 'erasure_refused', reason: 'forged', count: 1 },
    ])
    expect(await events('user.erased')).toEqual([])
  })

  test('by a genuine request of an account that is active again', async () => {
    const victim = await newUser()
    await settle()
    await requestErasure(victim.id)
    await change("UPDATE users SET status = 'active' WHERE id = ?", victim.id)
    await runCron()
    expect([await hasKey(victim), await stateOf(victim)]).toEqual([true, { refused: 1, started_at: null }])
  })

  test('by letting a genuine request have its turn early', async () => {
    const victim = await newUser()
    await settle()
    await deleteAccount(victim)
    await change('UPDATE erasures SET retry_at = 1, attempts = 3')
    await runCron()
    expect(await hasKey(victim)).toBe(true)
    expect(await row('SELECT retry_at, refused_at, started_at FROM erasures')).toEqual({
      retry_at: null,
      refused_at: null,
      started_at: null,
    })
    expect((await restore(victim)).status).toBe(200)
  })

  test('by putting back the request of somebody who has restored the account', async () => {
    const victim = await newUser()
    await settle()
    await deleteAccount(victim)
    const putBack = await copyErasure(victim)
    expect((await restore(victim)).status).toBe(200)
    await deliver(await unarchivedEvents())
    await kill(victim)
    await putBack()
    passMs(31 * DAY_MS)
    await runCron()
    expect([await hasKey(victim), await stateOf(victim)]).toEqual([true, { refused: 1, started_at: null }])
    expect(written.lines('erasure_refused')).toMatchObject([{ reason: 'cancelled', count: 1 }])
    expect(await alarms()).toEqual(['unsealed_erasure'])
  })

  test('by dating back the record of a key without a user', async () => {
    const victim = await newUser()
    passMs(2 * HOUR_MS)
    for (const table of ['mail_jobs', 'one_time_tokens', 'user_profiles', 'credentials', 'sessions', 'users'])
      await change(`DELETE FROM ${table}`)
    await change('INSERT INTO orphan_keys (owner, noticed_at) VALUES (?, 1)', victim.id)
    await runCron()
    expect(await hasKey(victim)).toBe(true)
    await runCron()
    expect(await hasKey(victim)).toBe(true)
  })

  test('and a thousand forged rows stop no genuine request', async () => {
    const person = await newUser()
    await settle()
    await change(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 990)
       INSERT INTO erasures (user_id, requested_at, due_at, basis, seal) SELECT 'forged-' || i, 1, 1, 'user_request', 'x' FROM n`,
    )
    await change(`INSERT INTO erasures (user_id, requested_at, due_at, basis) VALUES ('unreadable', 'x', 'y', 'z')`)
    await requestErasure(person.id)
    await change("UPDATE erasures SET seal = 'x' WHERE user_id LIKE 'forged-%'")
    await runCron()
    expect(await hasKey(person)).toBe(false)
    expect(await row('SELECT count(*) AS n FROM erasures WHERE refused_at IS NOT NULL')).toEqual({ n: 990 })
    expect(await alarms()).toEqual(['unsealed_erasure'])
  })

  test('and a forged row does not keep its victim from deleting the account', async () => {
    const victim = await newUser()
    await settle()
    await change(INSERT, victim.id, 'user_request', null, 1)
    await deleteAccount(victim)
    passMs(31 * DAY_MS)
    await runCron()
    expect(await hasKey(victim)).toBe(false)
  })

  test.each(SIZES)('and of %i purges of one genuine request at once, one records it', async (count) => {
    const person = await newUser()
    await settle()
    await requestErasure(person.id)
    await Promise.all(Array.from({ length: count }, () => runCron()))
    expect(await hasKey(person)).toBe(false)
    expect(await events('user.erased')).toHaveLength(1)
  })
})

describe('K30 whoever can write the vault', () => {
  test('cannot void a request by a statement that no key of this service signed', async () => {
    const person = await newUser()
    await settle()
    await requestErasure(person.id)
    await env.VAULT.put(`restored/${person.id}/${'9'.repeat(15)}`, 'planted')
    await runCron()
    expect(await hasKey(person)).toBe(false)
  })
})

describe('a statement that an account was restored', () => {
  const forgedRestore = (id: string) => ({
    id: newTimeOrderedId(Date.now()),
    occurred_at: 9e14,
    action: 'user.restored',
    outcome: 'success',
    actor_type: 'user',
    actor_id: id,
    subject_id: id,
    request_id: 'r',
    detail: null,
    note_enc: null,
    seal: null,
  })

  test('is not made of an event without a seal, which an attacker can put into the queue', async () => {
    const person = await newUser()
    await settle()
    expect(await deliver([forgedRestore(person.id)])).toBe(true)
    expect(await keysIn(env.VAULT, 'restored/')).toEqual([])
    await requestErasure(person.id)
    await runCron()
    expect(await hasKey(person)).toBe(false)
  })

  test('K27 does not come back when its event is delivered again after the purge', async () => {
    const person = await newUser()
    await settle()
    await deleteAccount(person)
    await restore(person)
    const sent = await unarchivedEvents()
    await deliver(sent)
    expect(await keysIn(env.VAULT, `restored/${person.id}`)).toHaveLength(1)
    await requestErasure(person.id, { requested_at: Date.now() - 1, due_at: Date.now() - 1 })
    passMs(1000)
    await change('UPDATE erasures SET requested_at = ?1, due_at = ?1', Date.now() - 1)
    await sealErasures()
    await runCron()
    expect(await hasKey(person)).toBe(false)
    await deliver(sent)
    expect(await keysIn(env.VAULT, 'restored/')).toEqual([])
  })
})

describe('a genuine request that was set aside, or whose row is gone', () => {
  const losses: Readonly<Record<string, (person: Person) => Promise<unknown>>> = {
    'because its root key is distrusted': () =>
      runCron(envWithKeys([2, 1], { ...env, DISTRUSTED_ROOT_KEYS: '1' } as Env)),
    'because its row was deleted': () => change('DELETE FROM erasures'),
    'because its row says that it is complete': () => change('UPDATE erasures SET started_at = 1, completed_at = 1'),
  }

  test.each(Object.keys(losses))('is erased after a new request of an operator: %s', async (name) => {
    const [admin, person] = [await newAdmin(), await newUser()]
    await settle()
    await requestErasure(person.id)
    await losses[name]?.(person)
    await runCron()
    expect(await hasKey(person)).toBe(true)
    expect((await act(admin, person, 'erase', { immediate: true })).status).toBe(202)
    expect((await act(admin, person, 'erase', { immediate: true })).status).toBe(409)
    await markArchived(person.id)
    await runCron()
    expect(await hasKey(person)).toBe(false)
    const [digest] = (await events('user.erased')).map(({ detail }) => detail.receipt)
    expect((await act(admin, person, 'erase', { immediate: true })).status).toBe(409)
    expect((await row('SELECT receipt, completed_at FROM erasures')).receipt).toMatch(/^ey/)
    expect(digest).toMatch(/^[0-9a-f]{64}$/)
  })
})

describe('K9 a receipt', () => {
  test.each(['{"note":{"said":"Ada lived here"}}', 'x', '{"destroy_key":{"at":"2026-01-01","name":"Ada"}}'])(
    'does not sign what somebody wrote into the database: %s',
    async (steps) => {
      const person = await newUser()
      await settle()
      await requestErasure(person.id)
      await change('UPDATE erasures SET steps = ?', steps)
      await runCron()
      const { receipt } = await row('SELECT receipt FROM erasures')
      const { steps: signed } = JSON.parse(atob(String(receipt).split('.')[1] ?? ''))
      const today = { at: new Date().toISOString().slice(0, 10) }
      expect(signed).toEqual({ delete_rows: today, delete_events: today })
    },
  )
})

describe('a purge', () => {
  test('deletes more exports than one call can, and those that the database does not know', async () => {
    const person = await newUser()
    await settle()
    for (let n = 0; n < 3; n++) await env.VAULT.put(`exports/${person.id}/${n}`, 'sealed')
    await change(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500)
       INSERT INTO exports (id, user_id, status, created_at, expires_at) SELECT 'e' || i, ?, 'ready', 1, 9e15 FROM n`,
      person.id,
    )
    await requestErasure(person.id)
    await runCron()
    expect([await hasKey(person), await keysIn(env.VAULT, 'exports/')]).toEqual([false, []])
    expect(await events('user.erased')).toHaveLength(1)
  })

  test('takes at most 20 calls for one person, so a run with 40 stays below 1,000', async () => {
    const person = await newUser()
    await settle()
    await requestErasure(person.id)
    const counting = faultyEnv(mirroredEnv(), () => 'none')
    const ctx = await jobContext(Date.now(), counting.env)
    await purgeDueUsers(ctx, { maxPeople: 1, maxSlices: 20 })
    expect(await hasKey(person)).toBe(false)
    expect(counting.calls.length).toBeLessThanOrEqual(20)
  })
})

describe('K30 whoever can write the vault or its mirror makes the service erase nobody', () => {
  const mirrored = mirroredEnv()
  const twice = async (using: Env) => {
    for (let run = 0; run < 2; run++) await runCron(using)
  }
  const forgeries: Readonly<Record<string, (victim: Person, other: Person) => Promise<unknown>>> = {
    'by an empty marker': ({ id }) => env.VAULT.put(`erased/${id}`, ''),
    'by an empty marker in the mirror': ({ id }) => mirrored.VAULT_MIRROR.put(`erased/${id}`, ''),
    'by a marker that another key signed': ({ id }) => markErased(id, envWithKeys([3])),
    'by a marker of another person': async ({ id }, other) => {
      await markErased(other.id)
      const marker = await env.VAULT.get(`erased/${other.id}`)
      await env.VAULT.put(`erased/${id}`, (await marker?.text()) ?? '', {
        customMetadata: marker?.customMetadata ?? {},
      })
      await env.VAULT.delete(`erased/${other.id}`)
    },
  }

  test.each(Object.keys(forgeries))('%s, which is an alarm', async (name) => {
    const [victim, other] = [await newUser(), await newUser()]
    await forgeries[name]?.(victim, other)
    await twice(mirrored)
    expect(await hasKey(victim)).toBe(true)
    expect(await rows('SELECT * FROM erasures')).toEqual([])
    expect(await alarms()).toEqual(['unsigned_markers'])
  })

  test('not even of the copy of a key that the vault has lost', async () => {
    const victim = await newUser()
    await runCron(mirrored)
    const copy = await mirrored.VAULT_MIRROR.get(`keys/${victim.id}`)
    expect(copy).not.toBeNull()
    await env.VAULT.put(`erased/${victim.id}`, '')
    await env.VAULT.delete(`keys/${victim.id}`)
    await twice(mirrored)
    expect(await mirrored.VAULT_MIRROR.head(`keys/${victim.id}`)).not.toBeNull()
    await openRuns(await jobContext(), ['restore-vault'])
    await runCron(mirrored, FIVE_MINUTES)
    expect(await hasKey(victim)).toBe(true)
  })
})

describe('markers of the version before', () => {
  /** Somebody who was erased, whose marker has no signature. */
  async function erased(): Promise<Person> {
    const person = await newUser()
    await requestErasure(person.id)
    await runCron()
    await env.VAULT.put(`erased/${person.id}`, '')
    return person
  }
  const sign = async (expected: number, ...named: readonly string[]) => {
    const ctx = await jobContext()
    await ctx.db.batch({ opened: openRun(ctx, 'sign-markers', beginSigning(expected, named)) })
    await runCron(env, FIVE_MINUTES)
    return JSON.parse(
      String((await row("SELECT counts FROM job_runs WHERE job = 'sign-markers' ORDER BY id DESC LIMIT 1")).counts),
    )
  }

  test('are signed at the command of an operator: of people who were erased, and of those whom it names', async () => {
    const [gone, planted, named] = [await erased(), await newUser(), await newUser()]
    for (const { id } of [planted, named]) await env.VAULT.put(`erased/${id}`, '')
    expect(await sign(2)).toEqual({ unsigned: 1, others: 2 })
    expect(await sign(2, named.id)).toEqual({ unsigned: 2, others: 1, signed: 2 })
    const ctx = await jobContext()
    const { markers } = await ctx.erasureMarkers.list(undefined, 1000)
    expect((await believeMarkers(ctx)(markers)).toSorted()).toEqual([gone.id, named.id].toSorted())
    await runCron()
    await runCron()
    expect(await Promise.all([planted, named].map(hasKey))).toEqual([true, false])
    expect(await alarms()).toEqual(['unsigned_markers'])
  })

  test('raise no alarm as soon as the cron has signed all of them', async () => {
    await erased()
    const returned = await newUser()
    await env.VAULT.put(`erased/${returned.id}`, '')
    await runCron()
    expect(await alarms()).toEqual(['unsigned_markers'])
    await sign(2, returned.id)
    await runCron(env, FIVE_MINUTES)
    expect(await alarms()).toEqual([])
    await runCron(env, FIVE_MINUTES)
    expect(await hasKey(returned)).toBe(false)
  })
})

describe('K41 people whom a restore brought back', () => {
  test('are reopened in one call for a hundred', async () => {
    const people = await Promise.all(Array.from({ length: 5 }, () => newUser()))
    for (const { id } of people) await markErased(id)
    const counting = faultyEnv(env, () => 'none')
    const ctx = await jobContext(Date.now(), counting.env)
    const counted = await reopenRestored(ctx, undefined, together)
    const before = counting.calls.length
    expect(await reopenRestored(ctx, counted.next, together)).toEqual({ next: 'done', counts: { reopened: 5 } })
    expect(counting.calls.slice(before)).toEqual(['VAULT.list', 'DB.all', 'DB.batch'])
    expect(await events('erasure.reopened')).toHaveLength(5)
    expect(await rows("SELECT job FROM job_runs WHERE job = 'purge' AND finished_at IS NULL")).toHaveLength(1)
  })

  test.each(SIZES)('are each reopened once by %i passes at once', async (count) => {
    const people = await Promise.all(Array.from({ length: 3 }, () => newUser()))
    for (const { id } of people) await markErased(id)
    const now = Date.now()
    const pass = formatPass({ phase: 'reopen', allowed: 3, found: 3, after: undefined })
    await Promise.all(Array.from({ length: count }, async () => reopenRestored(await jobContext(now), pass, together)))
    expect(await rows('SELECT basis FROM erasures')).toEqual(Array(3).fill({ basis: 'database_restored' }))
    await runCron()
    expect(await events('user.erased')).toHaveLength(3)
  })

  test('wait for people who are due, who are erased first', async () => {
    const [due, returned] = [await newUser(), await newUser()]
    await requestErasure(due.id)
    await markErased(returned.id)
    await runCron()
    expect(await Promise.all([due, returned].map(hasKey))).toEqual([false, true])
    await runCron(env, FIVE_MINUTES)
    expect(await hasKey(returned)).toBe(false)
  })
})

describe('a genuine request', () => {
  test('is erased after an operator has moved it to an earlier time, and after a rotation of the root key', async () => {
    const [admin, person] = [await newAdmin(), await newPerson()]
    await settle()
    await deleteAccount(person)
    expect((await act(admin, person, 'erase', { immediate: true })).status).toBe(202)
    await markArchived(person.id)
    const rotated = envWithKeys([2, 1])
    await openRuns(await jobContext(), ['check-seals'])
    await runCron(rotated, FIVE_MINUTES)
    expect(String((await row('SELECT seal FROM erasures')).seal)).toMatch(/^2\./)
    await runCron(rotated)
    expect(await hasKey(person)).toBe(false)
    expect(await row('SELECT basis FROM erasures')).toEqual({ basis: 'operator_request' })
  })

  test('waits for a root key that this isolate does not have, and is not refused', async () => {
    const person = await newUser()
    await settle()
    await requestErasure(person.id)
    await runCron(envWithKeys([2]))
    expect([await hasKey(person), await stateOf(person)]).toEqual([true, { refused: 0, started_at: null }])
  })
})

describe('K32 the first run of this version', () => {
  const leave = async (person: Person, dueAt: number) => {
    await kill(person)
    await change(
      "INSERT INTO erasures (user_id, requested_at, due_at, basis) VALUES (?, 1, ?, 'user_request')",
      person.id,
      dueAt,
    )
  }

  test('purges or holds as before a request that is due, one in its grace period, and one on hold', async () => {
    const [due, graced, held] = [await newUser(), await newUser(), await newUser()]
    await leave(due, 2)
    await leave(graced, Date.now() + 3 * DAY_MS)
    await leave(held, 2)
    await change("INSERT INTO legal_holds (user_id, reason, placed_at) VALUES (?, 'case', 1)", held.id)
    await runCron()
    expect(await Promise.all([due, graced, held].map(hasKey))).toEqual([false, true, true])
    const [recorded, ...others] = await events('erasure.requests_sealed')
    expect(others).toEqual([])
    expect(recorded?.detail).toEqual({ requests: 3, holds: 1, digest: expect.stringMatching(/^[0-9a-f]{64}$/) })
    passMs(4 * DAY_MS)
    await runCron()
    expect(await Promise.all([due, graced, held].map(hasKey))).toEqual([false, false, true])
    expect(await alarms()).toEqual([])
  })

  test('is followed by an hour in which requests of the Worker before are sealed, and never again', async () => {
    const [early, late] = [await newUser(), await newUser()]
    await runCron(env, FIVE_MINUTES)
    await leave(early, 2)
    passMs(HOUR_MS - 1000)
    await runCron()
    expect(await hasKey(early)).toBe(false)
    passMs(2000)
    await leave(late, 2)
    await change('DELETE FROM job_runs')
    await runCron()
    expect([await hasKey(late), await stateOf(late)]).toEqual([true, { refused: 1, started_at: null }])
  })

  test('cannot be repeated by a statement that this service did not sign', async () => {
    const person = await newUser()
    await env.VAULT.put('log/erasures-sealed', 'planted')
    await leave(person, 2)
    await runCron()
    expect(await stateOf(person)).toMatchObject({ refused: 1 })
  })
})

describe('a legal hold whose row was deleted', () => {
  const held = async () => {
    const [admin, person] = [await newAdmin(), await newUser()]
    expect((await act(admin, person, 'legal-hold', { action: 'place' })).status).toBe(200)
    await change('DELETE FROM legal_holds')
    await requestErasure(person.id, { requested_at: Date.now(), due_at: Date.now() })
    return { admin, person }
  }

  test('K30 still prevents the purge, whatever is said of its outcome, until an operator lifts it', async () => {
    const { admin, person } = await held()
    await change("UPDATE audit_events SET outcome = 'failure' WHERE action = 'legal_hold.placed'")
    await runCron()
    expect(await hasKey(person)).toBe(true)
    expect(await alarms()).toEqual(['hold_removed'])
    expect((await act(admin, person, 'legal-hold', { action: 'lift' })).status).toBe(409)
    await markArchived(person.id)
    passMs(13 * HOUR_MS)
    await runCron()
    expect(await hasKey(person)).toBe(false)
  })

  test('K30 is not lifted by the event of another person, nor by one without a seal', async () => {
    const { admin, person } = await held()
    const other = await newUser()
    await act(admin, other, 'legal-hold', { action: 'place' })
    await act(admin, other, 'legal-hold', { action: 'lift' })
    await change(
      "UPDATE audit_events SET subject_id = ?, archived_at = 1 WHERE action = 'legal_hold.lifted'",
      person.id,
    )
    await change(
      `INSERT INTO audit_events (id, occurred_at, action, outcome, actor_type, subject_id, request_id, archived_at)
       VALUES ('z', 1, 'legal_hold.lifted', 'success', 'system', ?, 'r', 1)`,
      person.id,
    )
    await runCron()
    expect([await hasKey(person), await alarms()]).toEqual([true, ['hold_removed']])
  })
})

describe('an unsealed hold', () => {
  test('with values of other types raises the alarm, and does not keep the other seals from being checked', async () => {
    const [first, second] = [await newUser(), await newUser()]
    await settle()
    await change("INSERT INTO legal_holds (user_id, reason, placed_at) VALUES (?, x'00', 'never')", first.id)
    await change("INSERT INTO legal_holds (user_id, reason, placed_at) VALUES (?, 'forged', 1)", second.id)
    await runCron()
    expect(await alarms()).toEqual(['unsealed_hold'])
    expect(written.lines('holds_unsealed')).toMatchObject([{ count: 2 }])
  })

  test('raises an alarm, and blocks the purge all the same', async () => {
    const [admin, person, held] = [await newAdmin(), await newUser(), await newUser()]
    await settle()
    expect((await act(admin, held, 'legal-hold', { action: 'place' })).status).toBe(200)
    await change("INSERT INTO legal_holds (user_id, reason, placed_at) VALUES (?, 'forged', 1)", person.id)
    await requestErasure(person.id)
    await runCron()
    expect(await alarms()).toEqual(['unsealed_hold'])
    expect(await hasKey(person)).toBe(true)
  })
})
