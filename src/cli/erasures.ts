/**
 * What an operator asks about erasures, and does: list, dry run, run now, legal hold, receipt. Speaks to the database
 * alone; the purge itself is always done by the Worker, which has the keys.
 */
import { parseArgs } from 'node:util'
import { newTimeOrderedId, userIdSchema } from '../core/ids.ts'
import { type D1Target, executeSql, literal, type Row } from './d1.ts'

const USAGE = `usage: npm run erasures -- COMMAND [options]

  list                     every erasure that is open, with its state: pending, due, held, started
  dry-run                  what a purge would erase now
  run                      asks for a purge: the Worker begins within five minutes, locally at once
  runs                     how far the last runs got
  hold USER_ID REASON      blocks the purge of a user; REASON is your case's reference, no personal data
  release USER_ID          lifts the hold
  receipt USER_ID          prints the signed receipt; pipe it to: npm run receipt:verify -- -

  --remote                 the deployed database instead of the local one
  --env NAME               an environment of wrangler.toml
  --persist-to DIR         where \`npm run dev\` keeps its data, if it was told
  --url ORIGIN             the local service to wake for \`run\` (http://127.0.0.1:8787)
`

const STATE = `CASE
  WHEN completed_at IS NOT NULL THEN 'completed'
  WHEN started_at IS NOT NULL THEN 'started'
  WHEN EXISTS (SELECT 1 FROM legal_holds h WHERE h.user_id = erasures.user_id) THEN 'held'
  WHEN due_at <= unixepoch() * 1000 THEN 'due' ELSE 'pending' END`

const LIST = `
  SELECT user_id, ${STATE} AS state, basis, datetime(due_at / 1000, 'unixepoch') AS due_at_utc
  FROM erasures WHERE completed_at IS NULL ORDER BY due_at LIMIT 500`

const DRY_RUN = `
  SELECT ${STATE} AS state, count(*) AS users, datetime(min(due_at) / 1000, 'unixepoch') AS oldest_due_at_utc
  FROM erasures WHERE completed_at IS NULL GROUP BY state ORDER BY state`

const RUNS = `
  SELECT job, datetime(started_at / 1000, 'unixepoch') AS started_at_utc,
    datetime(finished_at / 1000, 'unixepoch') AS finished_at_utc, counts
  FROM job_runs ORDER BY id DESC LIMIT 20`

interface Invocation {
  readonly target: D1Target
  readonly url: string
  readonly words: readonly string[]
}

type Command = (invocation: Invocation) => Promise<void>

const commands: Readonly<Record<string, Command>> = {
  list: show(LIST),
  'dry-run': show(DRY_RUN),
  runs: show(RUNS),
  run,
  hold,
  release,
  receipt,
}

function show(statement: string): Command {
  return async ({ target }) => print((await executeSql(target, [statement]))[0] ?? [])
}

async function run({ target, url }: Invocation): Promise<void> {
  await executeSql(target, [
    `INSERT INTO job_runs (id, job, started_at, updated_at)
     VALUES (${literal(newTimeOrderedId(Date.now()))}, 'purge', unixepoch() * 1000, unixepoch() * 1000) ON CONFLICT DO NOTHING`,
  ])
  if (!target.remote && (await wake(url))) return print((await executeSql(target, [RUNS]))[0] ?? [])
  process.stdout.write('A purge was asked for. The Worker begins within five minutes; see: npm run erasures -- runs\n')
}

/** Triggers the local cron, which production does by itself. @returns whether a service was there */
async function wake(url: string): Promise<boolean> {
  try {
    const { ok } = await fetch(`${url}/cdn-cgi/local/scheduled?cron=${encodeURIComponent('*/5 * * * *')}`)
    return ok
  } catch {
    return false
  }
}

async function hold({ target, words: [user, ...reason] }: Invocation): Promise<void> {
  const userId = literal(userIdSchema.parse(user))
  if (reason.length === 0) throw new Error('a hold needs a reason')
  await executeSql(target, [
    `INSERT INTO legal_holds (user_id, reason, placed_at)
     VALUES (${userId}, ${literal(reason.join(' '))}, unixepoch() * 1000) ON CONFLICT DO NOTHING`,
    recordHold('legal_hold.placed', userId),
  ])
}

async function release({ target, words: [user] }: Invocation): Promise<void> {
  const userId = literal(userIdSchema.parse(user))
  await executeSql(target, [
    `DELETE FROM legal_holds WHERE user_id = ${userId}`,
    recordHold('legal_hold.lifted', userId),
  ])
}

const recordHold = (action: 'legal_hold.placed' | 'legal_hold.lifted', userId: string): string => `
  INSERT INTO audit_events (id, occurred_at, action, outcome, actor_type, subject_id, request_id)
  SELECT ${literal(newTimeOrderedId(Date.now()))}, unixepoch() * 1000, '${action}', 'success', 'system', ${userId},
    ${literal(crypto.randomUUID())} WHERE changes() = 1`

async function receipt({ target, words: [user] }: Invocation): Promise<void> {
  const userId = literal(userIdSchema.parse(user))
  const [rows = []] = await executeSql(target, [`SELECT receipt FROM erasures WHERE user_id = ${userId}`])
  const text = rows[0]?.receipt
  if (typeof text !== 'string') throw new Error('this user has not been erased')
  process.stdout.write(`${text}\n`)
}

function print(rows: readonly Row[]): void {
  if (rows.length === 0) process.stdout.write('none\n')
  else console.table(rows)
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      remote: { type: 'boolean', default: false },
      env: { type: 'string' },
      'persist-to': { type: 'string' },
      url: { type: 'string', default: 'http://127.0.0.1:8787' },
    },
  })
  const [name = '', ...words] = positionals
  const command = commands[name]
  if (command === undefined) {
    process.stderr.write(USAGE)
    process.exitCode = 2
    return
  }
  const target = { remote: values.remote, persistTo: values['persist-to'], environment: values.env }
  await command({ target, url: values.url, words })
}

try {
  await main()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
