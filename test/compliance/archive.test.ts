import { env } from 'cloudflare:workers'
import { expect, test, vi } from 'vitest'
import { call, newPerson, post } from '../support/api.ts'
import { headSequence, readLog, segmentPaths } from '../support/archive.ts'
import { event, record } from '../support/audit-events.ts'
import { faultyEnv, killedAt } from '../support/faulty-env.ts'
import { deliver, rows, runCron, unarchivedEvents } from '../support/service.ts'

test('events of a journey are archived once, and the head is signed (U1, U2)', async () => {
  const person = await newPerson()
  await post('/auth/login', { email: person.email, password: 'wrong password here' })
  const events = (await unarchivedEvents()).filter(({ subject_id }) => subject_id === person.id)
  expect(events.map(({ action }) => action)).toEqual(['user.registered', 'user.signed_in', 'user.sign_in_failed'])
  expect(await deliver(events)).toBe(true)
  expect((await readLog()).map(({ id }) => id)).toEqual(events.map(({ id }) => id))

  const { body } = await call('/.well-known/audit-checkpoint')
  expect(body).toMatchObject({ sequence: 2, event_count: 4, keys: [{ kty: 'EC' }] })
  expect(body.checkpoint.split('.')).toHaveLength(3)
})

test('redelivered, repeated and reordered events are archived once (U3)', async () => {
  const events = [5, 3, 1, 4, 2].map(event)
  await record(events)
  expect(await deliver([...events, ...events])).toBe(true)
  expect(await deliver(events.toReversed())).toBe(true)
  expect(await readLog()).toHaveLength(5)
  expect(await headSequence()).toBe(2)
})

test('a consumer that is killed at any call loses no event and archives none twice (U3)', async () => {
  let n = 0
  let wasKilled = true
  for (let at = 0; wasKilled; at++) {
    for (const fault of ['fail', 'lose-reply'] as const) {
      const events = [event(++n), event(++n)]
      await record(events)
      const faulty = faultyEnv(env, killedAt(at, fault))
      const acknowledged = await deliver(events, faulty.env)
      wasKilled = faulty.calls.length > at
      if (!acknowledged) expect(await deliver(events)).toBe(true)
      const chain = await readLog()
      expect(new Set(chain.map(({ id }) => id)).size).toBe(chain.length)
      expect(chain).toHaveLength(n)
    }
  }
  expect(await unarchivedEvents()).toEqual([])
  expect(await segmentPaths()).toHaveLength(await headSequence())
})

test('events that were not sent, or not archived after sending, are sent again by the cron (U3)', async () => {
  const refusing = faultyEnv(env, (name) => (name.startsWith('AUDIT_QUEUE') ? 'fail' : 'none'))
  expect(
    (
      await post(
        '/auth/register',
        { email: 'lost@example.com', password: 'correct horse battery' },
        { env: refusing.env },
      )
    ).status,
  ).toBe(201)
  expect(refusing.calls).toContain('AUDIT_QUEUE.sendBatch')
  vi.setSystemTime(Date.now() + 61 * 60_000)
  const recording = faultyEnv(env, () => 'none')
  await runCron(recording.env, '*/5 * * * *')
  expect(recording.calls).toContain('AUDIT_QUEUE.sendBatch')
  vi.useRealTimers()
})

test('a message that is not an event and a dead letter are stored and can be replayed', async () => {
  const real = event(1)
  await record([real])
  expect(await deliver([{ nonsense: true }])).toBe(true)
  expect(await deliver([real], env, 'latchkey-audit-dead')).toBe(true)
  expect(await rows('SELECT queue FROM dead_letters ORDER BY queue')).toEqual([
    { queue: 'latchkey-audit' },
    { queue: 'latchkey-audit-dead' },
  ])

  await env.DB.exec("INSERT INTO job_runs (id, job, started_at, updated_at) VALUES ('r', 'replay-dead-letters', 1, 1)")
  await runCron(env, '*/5 * * * *')
  expect(await rows('SELECT queue FROM dead_letters WHERE replayed_at IS NULL')).toEqual([{ queue: 'latchkey-audit' }])
})

test('10,000 events are archived once each despite failures of every kind, and the chain is valid (U3)', async () => {
  const total = 10_000
  const events = Array.from({ length: total }, (_, n) => event(n + 1))
  for (let from = 0; from < total; from += 1000) await record(events.slice(from, from + 1000))
  let seed = 7
  const random = () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31
    return seed / 2 ** 31
  }
  const faulty = faultyEnv(env, (name) => {
    if (name.startsWith('KEY_CACHE') || name.startsWith('SESSIONS')) return 'none'
    const roll = random()
    return roll < 0.04 ? 'fail' : roll < 0.08 ? 'lose-reply' : 'none'
  })
  const queue = events.map(({ id }) => id).sort(() => random() - 0.5)
  const byId = new Map(events.map((one) => [one.id, one]))
  let deliveries = 0
  while (queue.length > 0) {
    const ids = queue.splice(0, 100)
    const repeated = random() < 0.2 ? ids.slice(0, 10) : []
    const acknowledged = await deliver(
      [...ids, ...repeated].map((id) => byId.get(id)),
      faulty.env,
    )
    if (!acknowledged || random() < 0.05) queue.push(...ids)
    deliveries++
  }
  expect(deliveries).toBeGreaterThan(110)
  const chain = await readLog()
  expect(chain).toHaveLength(total)
  expect(new Set(chain.map(({ id }) => id)).size).toBe(total)
  expect(await unarchivedEvents()).toEqual([])
}, 60_000)

test('dead letters that are not events do not stop the replay of later events', async () => {
  const events = Array.from({ length: 3 }, (_, n) => event(n + 1))
  await record(events)
  const letters = [
    ...Array.from({ length: 150 }, (_, n) => [`a${n}`, { nonsense: n }] as const),
    ...events.map((one) => [`b${one.id}`, one] as const),
  ]
  await env.DB.batch(
    letters.map(([id, body]) =>
      env.DB.prepare("INSERT INTO dead_letters (id, queue, body, received_at) VALUES (?, 'q', ?, 1)").bind(
        id,
        JSON.stringify(body),
      ),
    ),
  )
  await env.DB.exec("INSERT INTO job_runs (id, job, started_at, updated_at) VALUES ('r', 'replay-dead-letters', 1, 1)")
  await runCron(env, '*/5 * * * *')
  expect(await rows('SELECT id FROM dead_letters WHERE replayed_at IS NOT NULL')).toHaveLength(3)
})
