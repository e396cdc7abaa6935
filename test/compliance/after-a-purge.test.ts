import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { digestOfReceipt } from '../../src/compliance/erasure/receipt.ts'
import { sweepErased } from '../../src/compliance/erasure/sweep-erased.ts'
import type { UserId } from '../../src/core/ids.ts'
import { isSealed } from '../../src/crypto/event-seal.ts'
import { pseudonymOf } from '../../src/crypto/pseudonym.ts'
import { call, newPerson, type Person } from '../support/api.ts'
import { readLog } from '../support/archive.ts'
import { listenToConsole } from '../support/console.ts'
import { markArchived, requestErasure } from '../support/erasures.ts'
import { EVENT_ID, hasFineTime, inBucket, inDatabase, inSpace } from '../support/held-by-stores.ts'
import { jobContext } from '../support/job-context.ts'
import { act, ask, grant, newAdmin, newUser, withTwoFactors } from '../support/operators.ts'
import { deliver, keysIn, runCron, unarchivedEvents } from '../support/service.ts'
import { change, events, row, rows } from '../support/stores.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const FIVE_MINUTES = '*/5 * * * *'

beforeEach(() => {
  listenToConsole()
})

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const passMs = (ms: number) => vi.setSystemTime(Date.now() + ms)

const deleteAccount = (person: Person) => call('/api/v1/users/me', { method: 'DELETE', token: person.accessToken })

const hasKey = async ({ id }: Person) => (await env.VAULT.head(`keys/${id}`)) !== null

/** Every row of D1, every line of every object in R2, and every entry of KV, as text with its place. */
async function everything(): Promise<string[]> {
  const held = await Promise.all([
    inDatabase(),
    inBucket('vault', env.VAULT),
    inBucket('archive', env.ARCHIVE),
    ...[env.SESSIONS, env.KEY_CACHE, env.LIMITS].map((space) => inSpace('kv', space)),
  ])
  return held.flat().map(({ place, text }) => `${place} ${text}`)
}

describe('K27 after a purge', () => {
  test('no store has an id of the person beside an event, a request or a time finer than a day', async () => {
    const [person, other, subject] = [await withTwoFactors(await newPerson()), await newUser(), await newUser()]
    await newAdmin()
    await grant(person, 'admin')
    expect((await act(person, subject, 'suspend', { note: 'a case' })).status).toBe(200)
    expect((await act(person, other, 'revoke-sessions')).status).toBe(200)
    const sessions = (await rows('SELECT id FROM sessions WHERE user_id IN (?, ?)', person.id, other.id)).map(
      ({ id }) => String(id),
    )
    await change(
      "INSERT INTO dead_letters (id, queue, body, received_at) VALUES ('letter', 'q', ?, 1)",
      JSON.stringify({ subject_id: person.id }),
    )
    const requests = (await rows('SELECT request_id FROM audit_events')).map(({ request_id }) => String(request_id))
    await deleteAccount(person)
    await requestErasure(other.id)
    await deliver(await unarchivedEvents())
    passMs(31 * DAY_MS)
    await runCron()
    await deliver(await unarchivedEvents())
    passMs(HOUR_MS)
    await runCron(env, FIVE_MINUTES)
    expect(await Promise.all([person, other].map(hasKey))).toEqual([false, false])

    const ids = [person.id, other.id, ...sessions]
    const named = (await everything()).filter((text) => ids.some((id) => text.includes(id)))
    expect(named.length).toBeGreaterThan(0)
    for (const text of named) {
      expect(text).not.toMatch(EVENT_ID)
      expect(hasFineTime(text), text).toBe(false)
      expect(
        requests.filter((id) => text.includes(id)),
        text,
      ).toEqual([])
    }
  })

  test('K8 the archive still verifies, and its lines about the person cannot be assigned or read', async () => {
    const [admin, person] = [await newAdmin(), await newUser()]
    expect((await act(admin, person, 'suspend', { note: 'a case' })).status).toBe(200)
    await deliver(await unarchivedEvents())
    const { vault } = await jobContext()
    const key = await vault.findDerived(person.id as UserId, 'pseudonym')
    const pseudonym = key.kind === 'found' ? pseudonymOf(key.key, 'user', person.id) : ''
    await requestErasure(person.id)
    await runCron()
    await deliver(await unarchivedEvents())
    const lines = (await readLog()).filter(({ subject_id }) => subject_id === pseudonym)
    expect(lines.some(({ note_enc }) => note_enc !== null)).toBe(true)
    const later = await jobContext()
    expect(await later.vault.findDerived(person.id as UserId, 'pseudonym')).toEqual({ kind: 'destroyed' })
    expect(await later.vault.find(person.id as UserId)).toEqual({ kind: 'destroyed' })
    const check = await ask(admin, '/audit/verify')
    expect(check.body).toMatchObject({ finding: null })
  })

  test('an event about another person, in which the erased one acted, stays and is sealed', async () => {
    const [person, subject] = [await withTwoFactors(await newPerson()), await newUser()]
    await newAdmin()
    await grant(person, 'admin')
    await act(person, subject, 'suspend')
    await requestErasure(person.id)
    await runCron()
    const kept = await row("SELECT * FROM audit_events WHERE action = 'user.suspended'")
    expect(kept).toMatchObject({ subject_id: subject.id, actor_id: null, actor_type: 'user' })
    expect(JSON.parse(String(kept.detail))).toEqual({ reason: 'support_case', until: null })
    expect(isSealed((await jobContext()).ring, kept as never)).toBe(true)
  })

  test('a row with a wrong seal loses the id and gets no new one', async () => {
    const [person, subject] = [await newPerson(), await newUser()]
    await requestErasure(person.id)
    await change(
      `INSERT INTO audit_events (id, occurred_at, action, outcome, actor_type, actor_id, subject_id, request_id, seal, archived_at)
       VALUES ('forged', 1, 'user.suspended', 'success', 'user', ?, ?, 'r', '1..wrong', 1)`,
      person.id,
      subject.id,
    )
    await runCron()
    expect(await row("SELECT actor_id, seal FROM audit_events WHERE id = 'forged'")).toEqual({
      actor_id: null,
      seal: '1..wrong',
    })
  })

  test('a thousand archived events are deleted in slices', async () => {
    const person = await newUser()
    await change(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)
       INSERT INTO audit_events (id, occurred_at, action, outcome, actor_type, subject_id, request_id, archived_at)
       SELECT 'e' || i, 1, 'session.refreshed', 'success', 'user', ?, 'r', 1 FROM n`,
      person.id,
    )
    await requestErasure(person.id)
    await runCron()
    expect(await rows('SELECT id FROM audit_events WHERE subject_id = ?', person.id)).toEqual([])
    const { steps } = await row('SELECT steps FROM erasures')
    expect(JSON.parse(String(steps)).delete_events.count).toBeGreaterThanOrEqual(2500)
  })
})

describe('a purge', () => {
  test('waits for events that are on their way, for a day at most', async () => {
    const [admin, person] = [await newAdmin(), await newPerson()]
    await act(admin, person, 'erase', { immediate: true })
    await runCron()
    expect(await row('SELECT started_at FROM erasures')).toEqual({ started_at: null })
    passMs(6 * 60_000)
    await deliver((await unarchivedEvents()).filter(({ subject_id }) => subject_id === person.id))
    await runCron(env, FIVE_MINUTES)
    expect(await hasKey(person)).toBe(false)

    const late = await newPerson()
    vi.useRealTimers()
    await act(admin, late, 'erase', { immediate: true })
    passMs(DAY_MS + 1000)
    await runCron()
    expect(await hasKey(late)).toBe(false)
  })

  test('deletes the cached key again after an hour, and the events that were archived since', async () => {
    const person = await newUser()
    await requestErasure(person.id)
    await runCron()
    await env.KEY_CACHE.put(`dek:${person.id}`, 'cached by a request that read the key before')
    await change(
      `INSERT INTO audit_events (id, occurred_at, action, outcome, actor_type, subject_id, request_id)
       VALUES ('late', ?2, 'user.signed_in', 'failure', 'anonymous', ?1, 'r')`,
      person.id,
      Date.now() + DAY_MS,
    )
    await runCron(env, FIVE_MINUTES)
    expect(await env.KEY_CACHE.get(`dek:${person.id}`)).not.toBeNull()
    passMs(HOUR_MS + 1000)
    await runCron(env, FIVE_MINUTES)
    expect(await env.KEY_CACHE.get(`dek:${person.id}`)).toBeNull()
    expect((await row('SELECT sweep_at FROM erasures')).sweep_at).not.toBeNull()
    await change("UPDATE audit_events SET archived_at = 1 WHERE id = 'late' OR action = 'user.erased'")
    passMs(HOUR_MS + 1000)
    await runCron(env, FIVE_MINUTES)
    expect(await rows("SELECT 1 FROM audit_events WHERE id = 'late'")).toEqual([])
    expect(await row('SELECT sweep_at FROM erasures')).toEqual({ sweep_at: null })
  })

  test('K30 that seems to have been, without a receipt, sweeps nobody', async () => {
    const person = await newUser()
    await requestErasure(person.id, { due_at: 9e12 })
    await change("UPDATE erasures SET completed_at = 1, sweep_at = 1, receipt = 'forged'")
    await env.KEY_CACHE.put(`dek:${person.id}`, 'cached')
    const before = await rows('SELECT id FROM audit_events WHERE subject_id = ?', person.id)
    await sweepErased(await jobContext())
    expect(await rows('SELECT id FROM audit_events WHERE subject_id = ?', person.id)).toEqual(before)
    expect(await env.KEY_CACHE.get(`dek:${person.id}`)).toBe('cached')
  })

  test('K9 leaves a receipt in the archive whose digest is in the trail, and a second one a second receipt', async () => {
    const person = await newUser()
    await requestErasure(person.id)
    await runCron()
    const first = String((await row('SELECT receipt FROM erasures')).receipt)
    await change("UPDATE users SET email_enc = 'restored', status = 'active' WHERE id = ?", person.id)
    await runCron()
    await runCron(env, FIVE_MINUTES)
    const second = String((await row('SELECT receipt FROM erasures')).receipt)
    const digests = await Promise.all([first, second].map(digestOfReceipt))
    expect(await keysIn(env.ARCHIVE, 'receipts/')).toEqual(digests.map((digest) => `receipts/${digest}.jws`).sort())
    const recorded = await events('user.erased')
    expect(recorded.map(({ detail, subject_id }) => [detail.receipt, subject_id])).toEqual(
      digests.map((digest) => [digest, null]),
    )
    await markArchived(person.id)
    await deliver(await unarchivedEvents())
    const lines = (await readLog()).filter(({ action }) => action === 'user.erased')
    expect(lines.map(({ detail }) => JSON.parse(String(detail)).receipt).sort()).toEqual(digests.toSorted())
  })
})
