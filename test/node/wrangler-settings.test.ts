import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { shields } from '../../src/core/limits.ts'

const settings = readFileSync('wrangler.toml', 'utf8')

test('the platform keeps no log of requests, which would hold addresses and headers in the clear (D1)', () => {
  expect(settings).toContain('invocation_logs = false')
  expect(settings).not.toMatch(/^\[observability\]$/m)
})

test('a dead letter is tried for long before it is given up', () => {
  for (const queue of ['latchkey-audit-dead', 'latchkey-mail-dead']) {
    const consumer = settings
      .split('[[queues.consumers]]')
      .find((section) => section.includes(`queue = "${queue}"`) && !section.includes('dead_letter_queue'))
    expect(consumer, queue).toContain('max_retries = 100')
  }
})

test('the burst shields count as far as the code says to clients that they do', () => {
  const declared = settings.matchAll(/^name = "(BURST_\w+)"\n.*\nsimple = \{ limit = (\d+), period = (\d+) \}/gm)
  const found = [...declared].map(([, name, limit, period]) => [
    name,
    { count: Number(limit), windowMs: Number(period) * 1000 },
  ])
  expect(Object.fromEntries(found)).toEqual(shields)
})
