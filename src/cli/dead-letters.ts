/** Messages that a queue gave up on: what they are, and sending the audit events and mails among them again. */
import { say, sayTable } from './command-line.ts'
import { D1_HELP, type D1Target, executeSql, requestRuns } from './d1.ts'
import { wake } from './wake.ts'
import { runWakingCommand, type WakingCommand } from './waking-command.ts'

const HELP = `Messages that a queue gave up on.

  npm run dead-letters -- COMMAND [OPTIONS]

  list                     how many there are, by queue
  replay                   asks the Worker to send the audit events and mails among them again: it begins within five
                           minutes, locally at once

${D1_HELP}
  --url ORIGIN             the local service to wake for \`replay\` (http://127.0.0.1:8787)

Exit code 0: done. 1: it could not be done. 2: wrong usage.`

const LIST = `
  SELECT queue, count(*) AS letters, datetime(min(received_at) / 1000, 'unixepoch') AS oldest_utc,
    sum(replayed_at IS NULL) AS waiting
  FROM dead_letters GROUP BY queue`

const commands = new Map<string, WakingCommand>([
  ['list', list],
  ['replay', replay],
])

await runWakingCommand(HELP, commands)

async function list(target: D1Target): Promise<void> {
  const [rows = []] = await executeSql(target, [LIST])
  sayTable(rows)
}

async function replay(target: D1Target, url: string): Promise<void> {
  await requestRuns(target, 'replay-dead-letters')
  if (!target.remote && (await wake(url))) return await list(target)
  say('A replay was asked for. The Worker begins within five minutes; see: npm run dead-letters -- list')
}
