/** What an operator does with the vault's mirror: compares the two, and has the vault restored from it. */
import type { JobName } from '../core/job-name.ts'
import { say, sayTable } from './command-line.ts'
import { D1_HELP, type D1Target, executeSql, requestRuns } from './d1.ts'
import { wake } from './wake.ts'
import { runWakingCommand, type WakingCommand } from './waking-command.ts'

const HELP = `The vault and its mirror (VAULT_MIRROR). docs/keys.md has the drill.

  npm run vault:compare [-- OPTIONS]   asks the Worker to hold the mirror against the vault now; it does so daily
  npm run vault:restore [-- OPTIONS]   asks the Worker to bring back from the mirror what the vault has lost
  npm run vault:status [-- OPTIONS]    what the last runs of both found and did

${D1_HELP}
  --url ORIGIN             the local service to wake (http://127.0.0.1:8787)

Exit code 0: done. 1: it could not be done. 2: wrong usage.`

const LIST_RUNS = `
  SELECT job, datetime(started_at / 1000, 'unixepoch') AS started_at_utc,
    datetime(finished_at / 1000, 'unixepoch') AS finished_at_utc, counts
  FROM job_runs WHERE job IN ('compare-mirror', 'restore-vault') ORDER BY id DESC LIMIT 10`

const commands = new Map<string, WakingCommand>([
  ['compare', ask('compare-mirror')],
  ['restore', ask('restore-vault')],
  ['status', status],
])

await runWakingCommand(HELP, commands)

function ask(job: JobName): WakingCommand {
  return async (target, url) => {
    await requestRuns(target, job)
    if (!target.remote && (await wake(url))) return await status(target)
    say('It was asked for. The Worker begins within five minutes; see: npm run vault:status')
  }
}

async function status(target: D1Target): Promise<void> {
  const [rows = []] = await executeSql(target, [LIST_RUNS])
  sayTable(rows)
}
