import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { readLog } from '../support/archive.ts'
import { failing } from '../support/intercept-stores.ts'
import { playOutage } from '../support/outage.ts'
import { rows } from '../support/stores.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: Date.now(), toFake: ['Date'] })
})

afterEach(() => {
  vi.useRealTimers()
})

test('K29 the events of three minutes without R2 are archived once, soon after it', async () => {
  const broken = failing((name) => name.startsWith('ARCHIVE'))
  const report = await playOutage({ outageMs: 3 * 60_000, eventsPerSecond: 2, broken })
  expect(report).toMatchObject({ deadLetters: 0, resent: 0 })
  expect(report.mostAttempts).toBeGreaterThan(3)
  expect(report.caughtUpAfterMs).toBeLessThan(6 * 60_000)
  expect(await rows('SELECT id FROM dead_letters')).toEqual([])
  const events = await rows('SELECT id FROM audit_events WHERE occurred_at < ? ORDER BY id', report.endMs)
  const archived = (await readLog()).map(({ id }) => id).sort()
  expect(archived).toEqual([...new Set(archived)])
  expect(archived).toEqual(expect.arrayContaining(events.map(({ id }) => id)))
})
