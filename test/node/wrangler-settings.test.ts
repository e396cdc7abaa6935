import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { unstable_readConfig } from 'wrangler'
import { burstLimits } from '../../src/core/rate-limit-policies.ts'

const settings = readFileSync('wrangler.toml', 'utf8')

test('the platform keeps no log and no trace of requests, which would hold addresses and headers in the clear (D1)', () => {
  const { observability } = unstable_readConfig({ config: 'wrangler.toml' })
  expect(observability).toMatchObject({ logs: { enabled: true, invocation_logs: false }, traces: { enabled: false } })
  // Would switch on settings that are not named.
  expect(observability).not.toHaveProperty('enabled')
})

test('an operator who turns traces on leaves queries out, in every environment (O1)', () => {
  expect(unstable_readConfig({ config: 'wrangler.toml' }).observability?.redact_query_string).toBe(true)
  expect(settings.match(/^\[(?:env\.\w+\.)?observability\]$/gm)).toEqual(['[observability]'])
})

test('K29 every message is retried for about a day before its queue gives it up', () => {
  const consumers = settings.matchAll(/^\[\[queues\.consumers\]\]\nqueue = "(.+)"\n(?:.+\n)*?max_retries = (\d+)$/gm)
  const retries = [...consumers].map(([, queue, times]) => [queue, Number(times)])
  const names = ['latchkey-audit', 'latchkey-mail', 'latchkey-audit-dead', 'latchkey-mail-dead']
  expect(retries).toEqual(names.map((queue) => [queue, 100]))
})

test('the burst limits have the numbers that the code tells clients', () => {
  const declared = settings.matchAll(/^name = "(BURST_\w+)"\n.*\nsimple = \{ limit = (\d+), period = (\d+) \}/gm)
  const found = [...declared].map(([, name, limit, period]) => [
    name,
    { count: Number(limit), windowMs: Number(period) * 1000 },
  ])
  expect(Object.fromEntries(found)).toEqual(burstLimits)
})

test('K11 the witness has a database of its own with its migrations, and keeps no log of requests', () => {
  const { main, d1_databases, observability, ...rest } = unstable_readConfig({ config: 'src/witness/wrangler.toml' })
  expect(main).toMatch(/src\/witness\/index\.ts$/)
  expect(d1_databases).toMatchObject([{ binding: 'DB', migrations_dir: 'migrations' }])
  expect(observability).toMatchObject({ logs: { enabled: true, invocation_logs: false } })
  expect([rest.kv_namespaces, rest.r2_buckets, rest.queues.producers]).toEqual([[], [], []])
})
