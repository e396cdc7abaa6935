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

test('a dead letter is retried for a long time before it is given up', () => {
  for (const queue of ['latchkey-audit-dead', 'latchkey-mail-dead']) {
    const consumer = settings
      .split('[[queues.consumers]]')
      .find((section) => section.includes(`queue = "${queue}"`) && !section.includes('dead_letter_queue'))
    expect(consumer, queue).toContain('max_retries = 100')
  }
})

test('the burst limits have the numbers that the code tells clients', () => {
  const declared = settings.matchAll(/^name = "(BURST_\w+)"\n.*\nsimple = \{ limit = (\d+), period = (\d+) \}/gm)
  const found = [...declared].map(([, name, limit, period]) => [
    name,
    { count: Number(limit), windowMs: Number(period) * 1000 },
  ])
  expect(Object.fromEntries(found)).toEqual(burstLimits)
})
