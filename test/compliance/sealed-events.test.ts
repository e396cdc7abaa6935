import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { timePrefix } from '../../src/core/ids.ts'
import type { EventWithSeal } from '../../src/core/sealed-event.ts'
import { DAY_MS, HOUR_MS } from '../../src/core/time.ts'
import { permitLate } from '../../src/crypto/event-seal.ts'
import { runtimeFor } from '../../src/runtime/runtime.ts'
import { newPerson, PASSWORD, post } from '../support/api.ts'
import { event, record, sealed, unsealed } from '../support/audit-events.ts'
import { listenToConsole } from '../support/console.ts'
import { deliver, keysIn, rows, runCron } from '../support/service.ts'
import { change } from '../support/stores.ts'

const FIVE_MINUTES = '*/5 * * * *'

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

/** The ids of the events in the archive. */
async function archivedIds(): Promise<string[]> {
  const paths = await keysIn(env.ARCHIVE, 'audit/')
  const texts = await Promise.all(paths.map(async (path) => (await env.ARCHIVE.get(path))?.text() ?? ''))
  const lines = texts.flatMap((text) => text.trimEnd().split('\n'))
  const events = lines.map((line) => JSON.parse(line) as { id?: string; action?: string })
  return events.flatMap(({ id, action }) => (action === 'log.started' ? [] : (id ?? []))).sort()
}

/** Keeps what the service sends to the queue of events, as a queue would. */
function queueOf() {
  const messages: EventWithSeal[] = []
  const AUDIT_QUEUE = {
    sendBatch: async (batch: Iterable<{ body: EventWithSeal }>) => {
      messages.push(...[...batch].map(({ body }) => body))
    },
    metrics: async () => ({ backlogCount: 0 }),
  }
  return { messages, env: { ...env, AUDIT_QUEUE } as unknown as Env }
}

/** Runs the cron when the events of now are old enough to be sent again. */
async function sweep(): Promise<EventWithSeal[]> {
  const { messages, env: queueing } = queueOf()
  vi.setSystemTime(Date.now() + HOUR_MS + 60_000)
  await runCron(queueing, FIVE_MINUTES)
  return messages
}

describe('an insider who can write the database', () => {
  test('K22 who inserts an event: it is not archived, but kept and reported', async () => {
    const written = listenToConsole()
    const forged = [
      { ...unsealed(1), seal: sealed(unsealed(2)).seal },
      { ...unsealed(3), seal: 'made up' },
    ]
    await record([...forged, event(4)])
    const sent = await sweep()
    expect(sent.map(({ id }) => id)).toEqual([event(4).id])
    expect(await rows('SELECT id, queue, reason FROM dead_letters ORDER BY id')).toEqual(
      forged.map(({ id }) => ({ id: `row:${id}`, queue: 'audit_events', reason: 'unsealed' })),
    )
    expect(await rows('SELECT id, archived_in FROM audit_events ORDER BY id')).toEqual([
      { id: event(1).id, archived_in: 0 },
      { id: event(3).id, archived_in: 0 },
      { id: event(4).id, archived_in: null },
    ])
    expect(written.lines('alarm')).toMatchObject([{ name: 'rejected_event' }])
    expect(await sweep()).toHaveLength(1)
    expect(await rows('SELECT id FROM dead_letters')).toHaveLength(2)
  })

  test.each([
    ["outcome = 'failure'"],
    ["action = 'user.signed_out'"],
    ['occurred_at = occurred_at - 1'],
    ["actor_type = 'system'"],
    ["actor_id = 'b2e0c1de-0a77-4c1e-9a40-2f7d6d1a9a10'"],
    ['subject_id = NULL'],
    ["request_id = ''"],
    ["detail = '{}'"],
    ["note_enc = 'x'"],
    ["seal = replace(seal, '..', '.asod.')"],
  ])('K22 who alters an event before it is sent again: it is not archived: %s', async (assignment) => {
    const { id: subject } = await newPerson()
    await change('DELETE FROM audit_events')
    await record([sealed({ ...unsealed(1), subject_id: subject })])
    await change(`UPDATE audit_events SET ${assignment}`)
    expect(await sweep()).toEqual([])
    expect(await rows('SELECT reason FROM dead_letters')).toEqual([{ reason: 'unsealed' }])
  })

  test.each([
    ['deletes the event', 'DELETE FROM audit_events WHERE id = NEW.id'],
    ['marks the event as archived', 'UPDATE audit_events SET archived_at = 1 WHERE id = NEW.id'],
    ['names a segment', 'UPDATE audit_events SET archived_at = 1, archived_in = 7 WHERE id = NEW.id'],
    ['marks the event as refused', 'UPDATE audit_events SET archived_at = 1, archived_in = 0 WHERE id = NEW.id'],
    ['rewrites the event', "UPDATE audit_events SET action = 'user.signed_out', subject_id = NULL WHERE id = NEW.id"],
  ])('K22 with a trigger that %s: what the Worker wrote is archived', async (_, action) => {
    await record([event(1)])
    await deliver([event(1)])
    await change(`CREATE TRIGGER planted AFTER INSERT ON audit_events BEGIN ${action}; END`)
    const { messages, env: queueing } = queueOf()
    const person = await newPerson({}, { env: queueing })
    expect(messages.map(({ action, subject_id }) => [action, subject_id])).toEqual([
      ['user.registered', person.id],
      ['user.signed_in', person.id],
    ])
    await deliver(messages)
    expect(await archivedIds()).toEqual([event(1).id, ...messages.map(({ id }) => id)].sort())
  })

  test('K22 with a trigger that swallows events: they are sent from memory, with an alarm', async () => {
    const written = listenToConsole()
    await change('CREATE TRIGGER planted BEFORE INSERT ON audit_events BEGIN SELECT RAISE(IGNORE); END')
    const { messages, env: queueing } = queueOf()
    const person = await newPerson({ full_name: 'Ada' }, { env: queueing })
    const failed = await post('/auth/login', { email: person.email, password: 'wrong password' }, { env: queueing })
    expect(failed.status).toBe(401)
    await post('/auth/password-reset', { email: person.email }, { env: queueing })
    expect(await rows('SELECT id FROM audit_events')).toEqual([])
    const sent = messages.map(({ action, subject_id }) => [action, subject_id])
    // The event of a registration has a condition that only the database knows.
    expect(sent).toContainEqual(['user.signed_in', person.id])
    expect(sent).toContainEqual(['user.sign_in_failed', person.id])
    expect(written.lines('alarm').map(({ name }) => name)).toContain('event_suppressed')
    expect(await rows("SELECT name FROM alarms WHERE name = 'event_suppressed'")).toHaveLength(1)
    await deliver(messages)
    const archived = await archivedIds()
    for (const { id } of messages) expect(archived).toContain(id)
  })

  test('K22 who deletes events: those that were sent are archived', async () => {
    const { messages, env: queueing } = queueOf()
    await newPerson({}, { env: queueing })
    await change('DELETE FROM audit_events')
    await deliver(messages)
    expect(await archivedIds()).toEqual(messages.map(({ id }) => id).sort())
  })
})

describe('an insider who can write the queue', () => {
  test('K22 who invents or alters events: none is archived, and each is kept with its reason', async () => {
    const genuine = event(1)
    const later = (ms: number) => {
      const known = { ...unsealed(9), id: `${timePrefix(Date.now() + ms)}-7000-8000-000000000009` }
      return sealed(known)
    }
    const forged: readonly (readonly [unknown, string])[] = [
      ['text', 'malformed'],
      [{ ...genuine, extra: 1 }, 'malformed'],
      [{ ...genuine, id: 'not-an-id' }, 'malformed'],
      [{ ...genuine, occurred_at: 1.5 }, 'malformed'],
      [{ ...genuine, outcome: 'failure' }, 'unsealed'],
      [{ ...genuine, seal: genuine.seal?.replace('..', '.o.') }, 'unsealed'],
      [{ ...genuine, seal: '' }, 'unsealed'],
      [later(2 * HOUR_MS), 'too_new'],
      [later(-16 * DAY_MS), 'too_old'],
    ]
    expect(await deliver(forged.map(([body]) => body))).toBe(true)
    expect(await archivedIds()).toEqual([])
    const letters = await rows<{ body: string; reason: string }>('SELECT body, reason FROM dead_letters')
    for (const [body, reason] of forged)
      expect(letters).toContainEqual(expect.objectContaining({ body: JSON.stringify(body), reason }))
  })

  test('K22 who replays messages: an event is archived once, and not at all when it is old', async () => {
    const replayed = event(1)
    await record([replayed])
    await deliver([replayed, replayed])
    await deliver([replayed])
    expect(await archivedIds()).toEqual([replayed.id])
    vi.setSystemTime(Date.now() + 100 * DAY_MS)
    await change('DELETE FROM audit_events')
    await deliver([replayed, replayed])
    await deliver([replayed])
    expect(await archivedIds()).toEqual([replayed.id])
    expect(await rows('SELECT id, reason FROM dead_letters')).toEqual([{ id: replayed.id, reason: 'too_old' }])
  })

  test('K22 an old event is archived when an operator permits it, marked as late, and a copy of it never', async () => {
    const old = sealed({ ...unsealed(1), id: `${timePrefix(Date.now() - 100 * DAY_MS)}-7000-8000-000000000001` })
    const { ring } = await runtimeFor(env)
    const permitted = { ...old, late: permitLate(ring, old, Date.now() + DAY_MS) }
    await deliver([event(2)])
    await deliver([old, { ...old, late: 'made up' }])
    expect(await archivedIds()).toEqual([event(2).id])
    await deliver([permitted, permitted])
    await deliver([permitted])
    expect(await archivedIds()).toEqual([old.id, event(2).id])
    const paths = await keysIn(env.ARCHIVE, 'audit/')
    const texts = await Promise.all(paths.map(async (path) => (await env.ARCHIVE.get(path))?.text()))
    expect(texts.join('').match(/"late":true/g)).toHaveLength(1)
  })

  test('K22 an event under a root key that this isolate does not have is delivered again', async () => {
    const other = event(1)
    const unknown = { ...other, seal: other.seal?.replace(/^\d+/, '77') ?? null }
    await record([event(2)])
    expect(await deliver([unknown, event(2)])).toBe(false)
    expect(await archivedIds()).toEqual([event(2).id])
    expect(await rows('SELECT id FROM dead_letters')).toEqual([])
  })

  test('K22 who floods: the newest refused events of each reason are kept, and the others counted', async () => {
    await change(
      `INSERT INTO dead_letters (id, queue, body, received_at, reason)
       WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
       SELECT 'old' || i, 'latchkey-audit', '{}', i, 'unsealed' FROM n`,
    )
    await change(
      `INSERT INTO dead_letters (id, queue, body, received_at, reason) VALUES
       ('mail', 'latchkey-mail', '{}', 1, NULL), ('genuine', 'latchkey-audit', '{}', 1, 'too_old')`,
    )
    await deliver(Array.from({ length: 3 }, (_, n) => ({ ...event(n), outcome: 'failure' })))
    const kept = await rows<{ id: string }>("SELECT id FROM dead_letters WHERE reason = 'unsealed'")
    expect(kept).toHaveLength(10_000)
    expect(kept.map(({ id }) => id)).not.toContain('old3')
    expect(kept.map(({ id }) => id)).toContain('old4')
    expect(await rows("SELECT id FROM dead_letters WHERE reason IS NOT 'unsealed'")).toHaveLength(2)
    expect(await rows('SELECT * FROM dropped_letters')).toEqual([{ reason: 'unsealed', count: 3 }])
    await deliver([{ ...event(4), outcome: 'failure' }])
    expect(await rows('SELECT * FROM dropped_letters')).toEqual([{ reason: 'unsealed', count: 4 }])
  })
})

describe('the message of an event', () => {
  test('K22 is sealed as a whole, also in the parts that the database told', async () => {
    const { messages, env: queueing } = queueOf()
    const person = await newPerson({}, { env: queueing })
    await post('/auth/logout', { refresh_token: person.refreshToken }, { env: queueing })
    const ended = messages.find(({ action }) => action === 'session.ended')
    expect(ended).toMatchObject({ subject_id: person.id, actor_id: person.id })
    expect(ended?.seal).toMatch(/^1\.\./)
    const [row] = await rows<{ seal: string }>("SELECT seal FROM audit_events WHERE action = 'session.ended'")
    expect(row?.seal).toMatch(/^1\.as\./)
  })

  test('K32 of the release before, and a row of it, are archived without a seal', async () => {
    const { seal: _, note_enc: __, ...old } = event(1)
    await record([{ ...unsealed(2), seal: null }])
    await deliver([{ ...old, pii_enc: 'ciphertext' }])
    await deliver(await sweep())
    expect(await archivedIds()).toEqual([event(1).id, event(2).id])
    expect(await rows('SELECT id FROM dead_letters')).toEqual([])
    for (const path of await keysIn(env.ARCHIVE, 'audit/'))
      expect(await (await env.ARCHIVE.get(path))?.text()).not.toContain('ciphertext')
  })

  test('K22 does not wait for client address and device, which only the row gets', async () => {
    const { messages, env: queueing } = queueOf()
    const person = await newPerson({}, { env: queueing })
    await post('/auth/login', { email: person.email, password: `${PASSWORD}!` }, { env: queueing })
    expect(messages.at(-1)).toMatchObject({ action: 'user.sign_in_failed', subject_id: person.id })
    expect(Object.keys(messages.at(-1) ?? {})).not.toContain('pii_enc')
    expect(
      await rows("SELECT 1 FROM audit_events WHERE action = 'user.sign_in_failed' AND pii_enc <> ''"),
    ).toHaveLength(1)
  })
})
