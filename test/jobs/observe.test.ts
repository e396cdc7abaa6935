import { createExecutionContext, createMessageBatch, createScheduledController } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { readBacklog } from '../../src/compliance/read-backlog.ts'
import worker from '../../src/index.ts'
import { newPerson } from '../support/api.ts'
import { type Console, listenToConsole } from '../support/console.ts'
import { failing } from '../support/intercept-stores.ts'
import { jobContext } from '../support/job-context.ts'
import { countedEnv } from '../support/metrics.ts'
import { plainApp as app } from '../support/passwords.ts'
import { recordQueries } from '../support/query-plans.ts'
import { unarchivedEvents } from '../support/service.ts'
import { change } from '../support/stores.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

const CANARY = { full_name: 'Canary Xylophone', phone_number: '+491700000083' }
const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

/**
 * Delivers messages that have waited for a day, to distinguish them from messages that other tests left in
 * the queues.
 */
async function deliver(queue: string, bodies: readonly unknown[], using: Env): Promise<void> {
  const timestamp = new Date(Date.now() - DAY_MS)
  const messages = bodies.map((body) => ({ id: crypto.randomUUID(), timestamp, attempts: 1, body }))
  await worker.queue(createMessageBatch(queue, messages as never), using, createExecutionContext())
}

const linesOf = (written: Console) => written.lines('queue_batch').filter(({ lag_ms }) => Number(lag_ms) >= DAY_MS)

const runAt = (cron: string, scheduledTime: number, using: Env) =>
  worker.scheduled(
    createScheduledController({ cron, scheduledTime: new Date(scheduledTime) }),
    using,
    createExecutionContext(),
  )

describe('the log line of a batch', () => {
  test('D1 has the number and age of the messages and the success, and no personal data', async () => {
    const person = await newPerson(CANARY, { app })
    const events = await unarchivedEvents()
    const { env: counting, points } = countedEnv()
    const written = listenToConsole()
    await deliver('latchkey-audit', events, counting)
    const [line] = linesOf(written)
    expect(line).toEqual({
      level: 'info',
      event: 'queue_batch',
      queue: 'latchkey-audit',
      messages: events.length,
      retried: 0,
      lag_ms: expect.any(Number),
      duration_ms: expect.any(Number),
    })
    expect(points).toEqual([
      {
        indexes: ['latchkey-audit'],
        blobs: ['queue_batch', 'latchkey-audit'],
        doubles: [events.length, line?.duration_ms, line?.lag_ms, 0],
      },
    ])
    expect(written.text()).not.toContain(person.id)
  })

  test.each(['latchkey-audit', 'latchkey-mail', 'latchkey-audit-dead', 'latchkey-mail-dead'])(
    'D1 has the number of returned messages, and not their contents: %s',
    async (queue) => {
      const written = listenToConsole()
      const broken = failing((name) => /^(DB|ARCHIVE)/.test(name), 'D1_ERROR: canary: SQLITE_ERROR')
      await deliver(queue, [{ id: 'canary' }, 'canary'], broken)
      expect(linesOf(written)).toMatchObject([{ queue, messages: 2, retried: 2 }])
      expect(written.text()).not.toContain('canary')
    },
  )

  test('D1 does not have the contents of invalid messages', async () => {
    const written = listenToConsole()
    await deliver('latchkey-audit', [{ email: 'canary@example.com' }, 'canary'], env)
    expect(linesOf(written)).toMatchObject([{ messages: 2, retried: 0 }])
    expect(written.lines('dead_letters_kept')).toMatchObject([{ count: 2 }])
    expect(written.text()).not.toContain('canary')
  })
})

describe('the log line of a cron run', () => {
  test('D1 has the backlog, each figure also as a gauge, and no personal data', async () => {
    const person = await newPerson(CANARY, { app })
    await change('UPDATE audit_events SET sent_at = ?', Date.now() - 61 * MINUTE_MS)
    const { env: counting, points } = countedEnv(failing((name) => name.startsWith('AUDIT_QUEUE')))
    const written = listenToConsole()
    await runAt('*/5 * * * *', Date.now() - 2 * MINUTE_MS, counting)
    const [line] = written.lines('cron_run')
    expect(line).toMatchObject({ level: 'info', cron: '*/5 * * * *', failed: 1 })
    expect(line?.lag_ms).toBeGreaterThanOrEqual(2 * MINUTE_MS)
    const backlog = line?.backlog as Record<string, number>
    expect(backlog).toMatchObject({ open_mails: 1, dead_letters: 0, overdue_erasures: 0 })
    expect(backlog.unarchived_events).toBeGreaterThan(0)
    const [run, ...gauges] = points
    expect(run).toMatchObject({ indexes: ['cron_run'], blobs: ['cron_run', '*/5 * * * *'] })
    expect(run?.doubles).toEqual([1, line?.duration_ms, line?.lag_ms])
    expect(gauges.map(({ blobs, doubles }) => [...blobs, ...doubles])).toEqual(
      Object.entries(backlog).map(([gauge, value]) => ['backlog', gauge, value]),
    )
    for (const secret of [person.id, person.email, 'canary', 'xylophone'])
      expect(written.text().toLowerCase()).not.toContain(secret)
  })

  test('H6 is written even when the database is down', async () => {
    const written = listenToConsole()
    await runAt(
      '17 3 * * *',
      Date.now(),
      failing((name) => name.startsWith('DB'), 'D1_ERROR: canary'),
    )
    expect(written.lines('cron_run')).toMatchObject([{ cron: '17 3 * * *', backlog: null }])
    expect(written.text()).not.toContain('canary')
  })
})

describe('the backlog', () => {
  test('counts late events, open mails, dead letters and overdue erasures, but not those under a legal hold', async () => {
    const [waiting, overdue, held] = [
      await newPerson({}, { app }),
      await newPerson({}, { app }),
      await newPerson({}, { app }),
    ]
    const now = Date.now()
    await change('UPDATE audit_events SET occurred_at = ? WHERE subject_id = ?', now - 16 * MINUTE_MS, waiting.id)
    await change('UPDATE mail_jobs SET created_at = ?', now - 3 * MINUTE_MS)
    await change(
      `INSERT INTO mail_requests (id, template, address_indexes, created_at) VALUES ('request', 'verify-email', '[]', ?)`,
      now - 4 * MINUTE_MS,
    )
    for (const { id } of [overdue, held])
      await change(
        `INSERT INTO erasures (user_id, requested_at, due_at, basis) VALUES (?, 1, ?, 'user_request')`,
        id,
        now - 25 * 60 * MINUTE_MS,
      )
    await change('INSERT INTO legal_holds (user_id, reason, placed_at) VALUES (?, ?, 1)', held.id, 'case')
    await change(`INSERT INTO dead_letters (id, queue, body, received_at) VALUES ('letter', 'latchkey-mail', '{}', 1)`)
    await change(
      `INSERT INTO dead_letters (id, queue, body, received_at, reason)
       VALUES ('refused', 'latchkey-audit', '{}', 1, 'unsealed')`,
    )
    const backlog = await readBacklog(await jobContext(now))
    expect(backlog).toEqual({
      unarchived_events: (await unarchivedEvents()).length,
      late_events: (await unarchivedEvents()).filter(({ subject_id }) => subject_id === waiting.id).length,
      open_mails: 4,
      oldest_mail_ms: 4 * MINUTE_MS,
      dead_letters: 1,
      rejected_events: 1,
      overdue_erasures: 1,
    })
  })

  test('is read from the indexes of open work, never from a whole table', async () => {
    const recorder = recordQueries()
    await readBacklog(await jobContext(Date.now(), recorder.env))
    const plans = await recorder.plans()
    for (const index of ['audit_events_unarchived', 'mail_jobs_open', 'dead_letters_waiting', 'erasures_open'])
      expect(plans.join('\n')).toContain(index)
    expect(plans.filter((step) => /^SCAN (?!CONSTANT|\(subquery)/.test(step))).toEqual([])
  })
})
