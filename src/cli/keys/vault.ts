/** What an operator does with the vault's mirror: compares the two, and has the vault restored from it. */
import type { JobName } from '../../core/job-name.ts'
import type { CommandResult } from '../shared/answer.ts'
import { type D1Target, executeSql, requestRuns } from '../shared/d1.ts'
import { runDocuments } from '../shared/run-documents.ts'
import { triggerCron } from '../shared/trigger-cron.ts'

const LIST_RUNS = `
  SELECT job, datetime(started_at / 1000, 'unixepoch') AS started_at_utc,
    datetime(finished_at / 1000, 'unixepoch') AS finished_at_utc, counts
  FROM job_runs WHERE job IN ('compare-mirror', 'restore-vault') ORDER BY id DESC LIMIT 10`

/** Asks the Worker to hold the mirror against the vault. @param url the local service to wake */
export const vaultCompare = (target: D1Target, url: string): Promise<CommandResult> =>
  ask(target, url, 'compare-mirror')

/** Asks the Worker to bring back what the vault has lost. @param url the local service to wake */
export const vaultRestore = (target: D1Target, url: string): Promise<CommandResult> => ask(target, url, 'restore-vault')

/** What the last runs of both found and did. */
export async function vaultStatus(target: D1Target): Promise<CommandResult> {
  const [rows = []] = await executeSql(target, [LIST_RUNS])
  return { document: { runs: runDocuments(rows) }, words: [rows] }
}

async function ask(target: D1Target, url: string, job: JobName): Promise<CommandResult> {
  await requestRuns(target, job)
  if (!target.remote && (await triggerCron(url))) return await vaultStatus(target)
  return {
    document: { requested: [job] },
    words: ['It was asked for. The Worker begins within five minutes; see: npx --no-install latchkey vault status'],
  }
}
