import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const documented = readFileSync('docs/observability.md', 'utf8')
/** The witness is another Worker, and its README.md documents its lines. */
const sources = globSync('src/**/*.ts', { exclude: ['src/cli/**', 'src/witness/**'] })
  .map((path) => readFileSync(path, 'utf8'))
  .join('\n')

const names = (pattern: RegExp): string[] => [...new Set([...sources.matchAll(pattern)].map(([, name]) => name ?? ''))]

test('every event that the service logs is documented', () => {
  const events = [...names(/\blog\('\w+', '(\w+)'/g), ...names(/event: '(\w+)'/g)]
  expect(events).toEqual(expect.arrayContaining(['misconfigured', 'request', 'queue_batch', 'cron_run']))
  expect(events.filter((event) => !documented.includes(`\`${event}\``))).toEqual([])
})

test('every gauge and every phase is documented', () => {
  const [, backlog = ''] = /interface Backlog \{([^}]*)\}/.exec(sources) ?? []
  const gauges = [...backlog.matchAll(/readonly (\w+):/g)].map(([, name]) => name ?? '')
  expect(gauges).toHaveLength(7)
  expect(gauges.filter((gauge) => !documented.includes(`"${gauge}":`))).toEqual([])
  const phases = [...names(/timeWaits\(\w+, '(\w+)'/g), ...names(/timer\.start\('(\w+)'\)/g)]
  expect(phases.filter((phase) => !documented.includes(`\`${phase}\``))).toEqual([])
})
