import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { failing } from '../support/intercept-stores.ts'
import { playOutage } from '../support/outage.ts'
import { rows } from '../support/stores.ts'

const HOUR_MS = 3_600_000

beforeEach(() => {
  vi.useFakeTimers({ now: Date.now(), toFake: ['Date'] })
  // One line for each of the batches that fail.
  vi.spyOn(console, 'error').mockReturnValue(undefined)
})

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

test('the events of an hour without a store, a hundred a second, are archived within two hours', async () => {
  const broken = failing((name) => name.startsWith('DB'))
  const report = await playOutage({ outageMs: HOUR_MS, eventsPerSecond: 100, broken })
  expect(report).toMatchObject({ deadLetters: 0, resent: 0 })
  expect(report.caughtUpAfterMs).toBeLessThan(2 * HOUR_MS)
  const [left] = await rows(
    'SELECT count(*) AS n FROM audit_events WHERE archived_at IS NULL AND occurred_at < ?',
    report.endMs,
  )
  expect(left).toEqual({ n: 0 })
})
