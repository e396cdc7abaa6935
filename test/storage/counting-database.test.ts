import { env } from 'cloudflare:workers'
import { sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { AppError } from '../../src/core/errors.ts'
import { countChanges } from '../../src/storage/database/count-changes.ts'
import { countOrFail, countRefused } from '../../src/storage/database/counters.ts'
import { countInFirstBatch } from '../../src/storage/database/counting-database.ts'
import { openDatabase } from '../../src/storage/database/database.ts'
import { computed, withRows } from '../../src/storage/database/rows.ts'
import { change, countOf, counts, rows } from '../support/stores.ts'

const START = 1_700_000_000_000
const counters = [{ key: 'mine', quota: { count: 2, windowMs: 1000 } }]

const write = (owner: string) => sql`INSERT INTO orphan_keys (owner, noticed_at) VALUES (${owner}, 1)`
const number = { n: computed.integer(sql`n`) } as const
const refused = () => Promise.reject(new AppError('rate_limited'))

const counting = (now = START, refuse: () => Promise<void> = refused) =>
  countInFirstBatch(openDatabase(env.DB).db, countOrFail(counters, now), refuse)

test('the first call counts the request, through any method, and later calls do not', async () => {
  const db = counting()
  expect(await db.first(withRows(number, sql`SELECT 7 AS n`))).toEqual({ n: 7 })
  expect(await db.all(withRows(number, sql`SELECT 8 AS n`))).toEqual([{ n: 8 }])
  const both = { written: write('a'), read: sql`SELECT 9 AS n` }
  expect(await db.batch(both)).toEqual({ written: [], read: [{ n: 9 }] })
  expect(await counts()).toEqual([1])
  expect(await counting().batch({ read: sql`SELECT 7 AS n` })).toEqual({ read: [{ n: 7 }] })
  await change('UPDATE attempts SET count = 1')
  await counting().all(countChanges(write('b')))
  expect(await counts()).toEqual([2])
})

test('at the quota neither the counting batch nor a concurrent one takes effect', async () => {
  await change(`INSERT INTO attempts (key, window_start, ends_at, count) VALUES ('mine', ?1, ?1 + 1000, 2)`, START)
  const db = counting()
  const outcomes = await Promise.allSettled([
    db.batch({ written: write('a') }),
    db.batch({ written: write('b') }),
    db.first(countChanges(write('c'))),
  ])
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
  expect(await countOf('orphan_keys')).toBe(0)
  expect(await counts()).toEqual([2])
  await counting(START + 1000).batch({ written: write('d') })
  expect(await counts()).toEqual([1])
})

test('if the counter is cleared before the refusal, the work is done and counted', async () => {
  await change(`INSERT INTO attempts (key, window_start, ends_at, count) VALUES ('mine', ?1, ?1 + 1000, 2)`, START)
  await counting(START, async () => void (await change('DELETE FROM attempts'))).batch({ written: write('a') })
  expect(await countOf('orphan_keys')).toBe(1)
  expect(await counts()).toEqual([1])
})

test('an error of the work itself is not treated as a refusal, and later calls take effect', async () => {
  const db = counting()
  await expect(db.batch({ failing: sql`SELECT json_extract('no JSON', '$')` })).rejects.toThrow('malformed JSON')
  await db.batch({ written: write('a') })
  expect(await countOf('orphan_keys')).toBe(1)
})

test.each([2, 16])('at one below the quota, one of %d requests at once is done', async (size) => {
  await counting().batch({ written: write('first') })
  const outcomes = await Promise.allSettled(
    Array.from({ length: size }, (_, i) => counting().batch({ written: write(`sent ${i}`) })),
  )
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  expect(await countOf('orphan_keys')).toBe(2)
  expect(await counts()).toEqual([2])
})

test('a refusal is counted only on counters at their quota whose window has not ended', async () => {
  const other = { key: 'other', quota: { count: 9, windowMs: 1000 } }
  await change(
    `INSERT INTO attempts (key, window_start, ends_at, count) VALUES ('mine', ?1, ?1 + 1000, 2), ('other', ?1, ?1 + 1000, 2)`,
    START,
  )
  const refuse = (now: number) => openDatabase(env.DB).db.all(countRefused([...counters, other], now))
  expect(await refuse(START + 1000)).toEqual([])
  expect(await refuse(START)).toEqual([{ key: 'mine', count: 3, ends_at: START + 1000 }])
  expect(await rows('SELECT key, count FROM attempts ORDER BY key')).toEqual([
    { key: 'mine', count: 3 },
    { key: 'other', count: 2 },
  ])
})
