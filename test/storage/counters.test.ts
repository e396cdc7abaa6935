import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { countDown, countUp, readCounts } from '../../src/storage/database/counters.ts'
import { openDatabase } from '../../src/storage/database/database.ts'
import { row } from '../support/stores.ts'

const START = 1_700_000_000_000
const WINDOW_MS = 1000
const END = START + WINDOW_MS

const counter = (key: string) => ({ key, quota: { count: 5, windowMs: WINDOW_MS } })
const [mine, other] = [counter('mine'), counter('other')]

const database = () => openDatabase(env.DB).db
const up = (now: number) => database().all(countUp([mine], now))
const down = (now: number) => database().batch({ down: countDown([mine], now) })
const countsOf = async (now: number) =>
  Object.fromEntries((await database().all(readCounts([mine, other], now))).map(({ key, count }) => [key, count]))

test('a window begins with its first request, ends on the exact millisecond, and is followed by a new one', async () => {
  expect(await up(START)).toEqual([{ key: 'mine', count: 1, ends_at: END }])
  expect(await up(END - 1)).toEqual([{ key: 'mine', count: 2, ends_at: END }])
  expect(await countsOf(END - 1)).toEqual({ mine: 2 })
  expect(await countsOf(END)).toEqual({})
  expect(await up(END)).toEqual([{ key: 'mine', count: 1, ends_at: END + WINDOW_MS }])
  expect(await row('SELECT window_start, count FROM attempts')).toEqual({ window_start: END, count: 1 })
})

test('taking back a count leaves other counters as they are, and no count falls below zero', async () => {
  await database().all(countUp([mine, other], START))
  await down(START)
  await down(START)
  expect(await countsOf(START)).toEqual({ mine: 0, other: 1 })
})

test('a count is not taken back after its window has ended', async () => {
  await up(START)
  await down(END)
  expect(await countsOf(START)).toEqual({ mine: 1 })
  await down(END - 1)
  expect(await countsOf(START)).toEqual({ mine: 0 })
})
