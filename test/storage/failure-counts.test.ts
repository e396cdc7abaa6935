import { env } from 'cloudflare:workers'
import { sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { openDatabase } from '../../src/storage/database/database.ts'
import { countFailure, type FailureCounter, isReserved } from '../../src/storage/database/failure-counts.ts'
import { rows } from '../support/stores.ts'

const START = 1_700_000_000_000
const WINDOW_MS = 1000
const ROW_MS = 100_000

const counter: FailureCounter = {
  key: 'row',
  formerKey: 'window',
  inARow: { count: 5, windowMs: ROW_MS },
  recent: { count: 2, windowMs: WINDOW_MS },
}
const prolonged: FailureCounter = { ...counter, inARow: { ...counter.inARow, isProlonged: true }, skipsRefused: true }

const fail = async (of: FailureCounter, now: number) =>
  isReserved(of, await openDatabase(env.DB).db.all(countFailure([of], now, sql`true`)))
const stored = () => rows('SELECT count, ends_at, recent_count, recent_ends_at FROM attempts')

test('a window of recent failures begins with the first, and ends on the exact millisecond', async () => {
  expect(await fail(prolonged, START)).toBe(true)
  expect(await fail(prolonged, START + 1)).toBe(true)
  expect(await fail(prolonged, START + WINDOW_MS - 1)).toBe(false)
  expect(await fail(prolonged, START + WINDOW_MS)).toBe(true)
  expect(await stored()).toEqual([
    { count: 3, ends_at: START + WINDOW_MS + ROW_MS, recent_count: 1, recent_ends_at: START + 2 * WINDOW_MS },
  ])
})

test('a refused attempt is a failure in a row only where the counter says so', async () => {
  for (let i = 0; i < 4; i++) await fail(prolonged, START)
  expect(await stored()).toMatchObject([{ count: 2, recent_count: 4 }])
  await fail({ ...counter, key: 'other' }, START)
  for (let i = 0; i < 3; i++) await fail({ ...counter, key: 'other' }, START)
  expect(await stored()).toMatchObject([{ count: 2 }, { count: 4, recent_count: 4 }])
})

test('failures in a row are refused over their quota, in every later window', async () => {
  for (let i = 0; i < 5; i++) expect(await fail(prolonged, START + i * WINDOW_MS)).toBe(true)
  expect(await fail(prolonged, START + 6 * WINDOW_MS)).toBe(false)
  expect(await fail(prolonged, START + 6 * WINDOW_MS + ROW_MS)).toBe(true)
})

test('without prolonging, the failures in a row end after the first', async () => {
  for (let i = 0; i < 3; i++) await fail(counter, START + i * WINDOW_MS)
  expect(await stored()).toMatchObject([{ count: 3, ends_at: START + ROW_MS }])
  await fail(counter, START + ROW_MS)
  expect(await stored()).toMatchObject([{ count: 1, ends_at: START + 2 * ROW_MS }])
})
