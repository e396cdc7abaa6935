import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { rememberExceeded } from '../../src/rate-limits/rate-limit.ts'
import { countUp } from '../../src/storage/database/counters.ts'
import { openDatabase } from '../../src/storage/database/database.ts'

const NOW = 1_700_000_000_000
const WINDOW_MS = 1000

const counter = (key: string, count: number) =>
  ({ key, by: 'network', policy: 'sign-in', quota: { count, windowMs: WINDOW_MS } }) as never

test('this isolate remembers each counter over its quota, and the first request over it publishes it', async () => {
  const remembered: string[] = []
  const published: string[] = []
  const limiter = {
    remember: ({ key }: { key: string }) => void remembered.push(key),
    publish: async ({ key }: { key: string }) => void published.push(key),
  } as never
  const counters = [counter('one', 1), counter('two', 2), counter('wide', 9)]
  const { db } = openDatabase(env.DB)
  const send = () =>
    db.batch({ count: rememberExceeded({ limiter, defer: () => undefined }, counters, countUp(counters, NOW)) })
  await send()
  expect([remembered, published]).toEqual([[], []])
  await send()
  expect([remembered, published]).toEqual([['one'], ['one']])
  // The second counter exceeds its quota while the first one is already over its own.
  await send()
  expect([remembered, published]).toEqual([
    ['one', 'one', 'two'],
    ['one', 'two'],
  ])
})
