/** Messages that a queue gave up on: what they are, and sending the audit events among them again. */
import { parseArgs } from 'node:util'
import { newTimeOrderedId } from '../core/ids.ts'
import { executeSql, literal } from './d1.ts'

const USAGE = `usage: npm run dead-letters -- list | replay [--remote] [--env NAME] [--persist-to DIR]
`

const LIST = `
  SELECT queue, count(*) AS letters, datetime(min(received_at) / 1000, 'unixepoch') AS oldest_utc,
    sum(replayed_at IS NULL) AS waiting
  FROM dead_letters GROUP BY queue`

const REPLAY = `
  INSERT INTO job_runs (id, job, started_at, updated_at)
  VALUES (${literal(newTimeOrderedId(Date.now()))}, 'replay-dead-letters', unixepoch() * 1000, unixepoch() * 1000)
  ON CONFLICT DO NOTHING`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { remote: { type: 'boolean', default: false }, env: { type: 'string' }, 'persist-to': { type: 'string' } },
})
const target = { remote: values.remote, persistTo: values['persist-to'], environment: values.env }

if (positionals[0] === 'list') {
  const [rows = []] = await executeSql(target, [LIST])
  console.table(rows)
} else if (positionals[0] === 'replay') {
  await executeSql(target, [REPLAY])
  process.stdout.write('A replay was asked for. The Worker begins within five minutes.\n')
} else {
  process.stderr.write(USAGE)
  process.exitCode = 2
}
