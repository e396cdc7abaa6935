import { afterEach, describe, expect, test, vi } from 'vitest'
import { raiseAlarm } from '../../src/compliance/alarms/raise-alarm.ts'
import { updateAlarms } from '../../src/compliance/alarms/update-alarms.ts'
import { type checkedAlarms, raisedAlarms } from '../../src/core/alarm.ts'
import { DAY_MS } from '../../src/core/time.ts'
import { listenToConsole } from '../support/console.ts'
import { failing } from '../support/intercept-stores.ts'
import { jobContext } from '../support/job-context.ts'
import { countedEnv } from '../support/metrics.ts'
import { ask, newAdmin, newUser } from '../support/operators.ts'
import { recordMigration } from '../support/schema.ts'
import { runCron } from '../support/service.ts'
import { SIZES } from '../support/sizes.ts'
import { change, rows } from '../support/stores.ts'

const FIVE_MINUTES = '*/5 * * * *'
const MINUTE_MS = 60_000

afterEach(() => {
  vi.restoreAllMocks()
})

/** The archive has the causes of these: see tree.test.ts and witnesses.test.ts. */
type OfTheTree = 'log_origin_changed' | 'quorum_missed' | 'tree_behind'

/** How each cause begins in the database, and how it ends. */
const CAUSES: Record<Exclude<(typeof checkedAlarms)[number], OfTheTree>, readonly [begin: string, end: string]> = {
  dead_letters: [
    "INSERT INTO dead_letters (id, queue, body, received_at) VALUES ('letter', 'latchkey-mail', '{}', 1)",
    'UPDATE dead_letters SET replayed_at = 1',
  ],
  overdue_erasures: [
    "INSERT INTO erasures (user_id, requested_at, due_at, basis) SELECT id, 1, 1, 'user_request' FROM users LIMIT 1",
    'DELETE FROM erasures',
  ],
  rejected_event: [
    `INSERT INTO dead_letters (id, queue, body, received_at, reason)
     VALUES ('letter', 'latchkey-audit', '{}', 1, 'unsealed')`,
    'UPDATE dead_letters SET replayed_at = 1',
  ],
  root_key_missing: [
    "INSERT INTO root_keys (version, fingerprint, first_seen_at) VALUES (99, 'f', 1)",
    'DELETE FROM root_keys WHERE version = 99',
  ],
  reopen_refused: [
    `INSERT INTO job_runs (id, job, started_at, updated_at, finished_at, counts)
     VALUES ('0', 'reopen-restored', 1, 1, 1, '{"reopened":0,"refused":7}')`,
    "DELETE FROM job_runs WHERE job = 'reopen-restored'",
  ],
  unsealed_erasure: [
    "INSERT INTO erasures (user_id, requested_at, due_at, basis, refused_at) VALUES ('x', 1, 9e15, 'user_request', 1)",
    'DELETE FROM erasures',
  ],
  unsealed_hold: [
    `INSERT INTO job_runs (id, job, started_at, updated_at, finished_at, counts)
     VALUES ('0', 'check-seals', 1, 1, 1, '{"unsealed_holds":1}')`,
    "DELETE FROM job_runs WHERE job = 'check-seals'",
  ],
  unsigned_markers: [
    `INSERT INTO job_runs (id, job, started_at, updated_at, finished_at, counts)
     VALUES ('0', 'reopen-restored', 1, 1, 1, '{"reopened":0,"unsigned":1}')`,
    "DELETE FROM job_runs WHERE job = 'reopen-restored'",
  ],
  schema_changed: ['CREATE INDEX planted ON users (created_at)', 'DROP INDEX planted'],
  schema_newer: ['ALTER TABLE users ADD COLUMN later TEXT', 'ALTER TABLE users DROP COLUMN later'],
}

describe('an alarm', () => {
  test.each(Object.entries(CAUSES))(
    'K21 begins with its cause, is counted while it stands, and ends with it: %s',
    async (name, [begin, end]) => {
      const person = await newUser()
      if (name === 'schema_newer') await recordMigration('9999_later.sql')
      const { env, points } = countedEnv()
      const written = listenToConsole()
      await change(begin)
      const before = Date.now()
      await runCron(env, FIVE_MINUTES)
      await runCron(env, FIVE_MINUTES)
      expect(written.lines('alarm')).toEqual([{ level: 'error', event: 'alarm', name }])
      expect(written.lines('cron_run').map(({ alarms }) => alarms)).toEqual([[name], [name]])
      const alarmPoint = { indexes: ['alarm'], blobs: ['alarm', name], doubles: [1] }
      expect(points.filter(({ blobs: [kind] }) => kind === 'alarm')).toEqual([alarmPoint, alarmPoint])
      const [row, ...others] = await rows('SELECT * FROM alarms')
      expect(others).toEqual([])
      expect(row).toEqual({ name, since: expect.any(Number), last_at: expect.any(Number), count: 2 })
      expect(row?.since).toBeGreaterThanOrEqual(before)
      expect(row?.last_at).toBeGreaterThanOrEqual(Number(row?.since))
      await change(end)
      await runCron(env, FIVE_MINUTES)
      expect(await rows('SELECT * FROM alarms')).toEqual([])
      expect(written.lines('alarm_ended')).toEqual([{ level: 'info', event: 'alarm_ended', name }])
      await change(begin.replace("'letter'", "'another'"))
      await runCron(env, FIVE_MINUTES)
      expect(written.lines('alarm')).toHaveLength(2)
      expect(written.text()).not.toContain(person.id)
    },
  )

  test('is in the statistics with its times, and a name that is not of the list is not', async () => {
    const admin = await newAdmin()
    await change("INSERT INTO alarms VALUES ('dead_letters', 1000, 2000, 3), ('someone@example.com', 1, 1, 1)")
    expect((await ask(admin, '/stats')).body.alarms).toEqual([
      { name: 'dead_letters', since: '1970-01-01T00:00:01.000Z', last_at: '1970-01-01T00:00:02.000Z', count: 3 },
    ])
  })

  test('stays as it is when its check fails', async () => {
    await change("INSERT INTO alarms VALUES ('dead_letters', 1, 1, 1), ('overdue_erasures', 1, 1, 1)")
    await updateAlarms(await jobContext(5), { dead_letters: undefined, overdue_erasures: false })
    expect(await rows('SELECT * FROM alarms')).toEqual([{ name: 'dead_letters', since: 1, last_at: 1, count: 1 }])
  })

  test('is logged even if the database does not store it', async () => {
    const written = listenToConsole()
    const down = failing((name) => name.startsWith('DB'))
    await expect(updateAlarms(await jobContext(1, down), { dead_letters: true })).rejects.toThrow()
    await change('CREATE TRIGGER quiet BEFORE INSERT ON alarms BEGIN SELECT RAISE(IGNORE); END')
    await updateAlarms(await jobContext(), { dead_letters: true })
    expect(written.lines('alarm')).toHaveLength(2)
  })

  test.each(SIZES)('is logged once when %i runs find it at once', async (size) => {
    const written = listenToConsole()
    const at = Date.now()
    const contexts = await Promise.all(Array.from({ length: size }, (_, n) => jobContext(at - n * MINUTE_MS)))
    await Promise.all(contexts.map((ctx) => updateAlarms(ctx, { dead_letters: true })))
    expect(written.lines('alarm')).toHaveLength(1)
    expect(await rows('SELECT count, last_at FROM alarms')).toEqual([{ count: size, last_at: at }])
  })
})

describe('an alarm that a request raises', () => {
  test.each(raisedAlarms)('K21 is logged and counted each time, is shown, and ends a day later: %s', async (name) => {
    const { env, points } = countedEnv()
    const written = listenToConsole()
    const at = Date.now()
    await raiseAlarm(await jobContext(at - 5), name)
    await raiseAlarm(await jobContext(at), name)
    expect(written.lines('alarm')).toEqual([
      { level: 'error', event: 'alarm', name },
      { level: 'error', event: 'alarm', name },
    ])
    expect(await rows('SELECT * FROM alarms')).toEqual([{ name, since: at - 5, last_at: at, count: 2 }])
    await runCron(env, FIVE_MINUTES)
    expect(written.lines('cron_run').map(({ alarms }) => alarms)).toEqual([[name]])
    expect(points.filter(({ blobs: [kind] }) => kind === 'alarm')).toHaveLength(1)
    await updateAlarms(await jobContext(at + DAY_MS), {})
    expect(await rows('SELECT count FROM alarms')).toEqual([{ count: 2 }])
    await updateAlarms(await jobContext(at + DAY_MS + 1), {})
    expect(await rows('SELECT * FROM alarms')).toEqual([])
    expect(written.lines('alarm_ended')).toEqual([{ level: 'info', event: 'alarm_ended', name }])
  })

  test('is logged when the database is down or swallows the row, and the caller goes on', async () => {
    const written = listenToConsole()
    await raiseAlarm(
      await jobContext(
        1,
        failing((name) => name.startsWith('DB')),
      ),
      'squatted_name',
    )
    await change('CREATE TRIGGER quiet BEFORE INSERT ON alarms BEGIN SELECT RAISE(IGNORE); END')
    await raiseAlarm(await jobContext(), 'squatted_name')
    expect(written.lines('alarm')).toHaveLength(2)
    expect(written.lines('alarm_not_stored')).toEqual([
      { level: 'error', event: 'alarm_not_stored', name: 'squatted_name' },
    ])
  })

  test.each(SIZES)('counts every one of %i at once', async (size) => {
    const at = Date.now()
    const contexts = await Promise.all(Array.from({ length: size }, (_, n) => jobContext(at - n)))
    await Promise.all(contexts.map((ctx) => raiseAlarm(ctx, 'event_suppressed')))
    expect(await rows('SELECT count, last_at FROM alarms')).toEqual([{ count: size, last_at: at }])
  })
})
