/**
 * An operator's commands for the mirror of the vault: compare the two, and restore the vault from the mirror.
 */
import type { JobName } from '../../core/job-name.ts'
import type { CommandResult } from '../shared/command-result.ts'
import { type D1Target, executeSql, requestRuns } from '../shared/d1.ts'
import { runDocuments } from '../shared/run-documents.ts'
import { triggerCron } from '../shared/trigger-cron.ts'

const LIST_RUNS = `
  SELECT job, datetime(started_at / 1000, 'unixepoch') AS started_at_utc,
    datetime(finished_at / 1000, 'unixepoch') AS finished_at_utc, counts
  FROM job_runs WHERE job IN ('compare-mirror', 'restore-vault') ORDER BY id DESC LIMIT 10`

/** Asks the Worker to compare the mirror with the vault. @param url the local service to trigger */
export const vaultCompare = (target: D1Target, url: string): Promise<CommandResult> =>
  ask(target, url, 'compare-mirror')

/** Asks the Worker to restore keys that the vault has lost. @param url the local service to trigger */
export const vaultRestore = (target: D1Target, url: string): Promise<CommandResult> => ask(target, url, 'restore-vault')

/** Shows the results of the last comparison and the last restore. */
export async function vaultStatus(target: D1Target): Promise<CommandResult> {
  const [rows = []] = await executeSql(target, [LIST_RUNS])
  return { document: { runs: runDocuments(rows) }, words: [rows] }
}

async function ask(target: D1Target, url: string, job: JobName): Promise<CommandResult> {
  await requestRuns(target, job)
  if (!target.remote && (await triggerCron(url))) return await vaultStatus(target)
  return {
    document: { requested: [job] },
    words: ['The Worker starts within five minutes. See: npx --no-install latchkey vault status'],
  }
}
