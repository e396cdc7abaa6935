/** An operator's commands for root keys: show the progress of a rotation, and finish it. */

import type { JobName } from '../../core/job-name.ts'
import { selectNewestRuns } from '../../keys/get-key-progress.ts'
import type { CommandResult } from '../shared/command-result.ts'
import { type D1Target, executeSql, requestRuns, toText } from '../shared/d1.ts'
import { runDocuments } from '../shared/run-documents.ts'
import { triggerCron } from '../shared/trigger-cron.ts'
import { UsageError } from '../shared/usage-error.ts'
import { COUNT_OLD_PASSWORDS, forgetRootKey, LIST_ROOT_KEYS } from './key-queries.ts'

/** Counts what is encrypted or derived under each root key version, and shows the newest runs of the jobs. */
export async function keysShow(target: D1Target): Promise<CommandResult> {
  const [rootKeys = [], found = []] = await executeSql(target, [LIST_ROOT_KEYS, toText(selectNewestRuns)])
  const runs = found.map((run) => ({
    ...run,
    started_at: time(run.started_at),
    finished_at: time(run.finished_at),
  }))
  const shown = runs.map((run) => ({ ...run, finished_at: run.finished_at ?? '-' }))
  return { document: { root_keys: rootKeys, runs: runDocuments(runs) }, words: [rootKeys, shown] }
}

/** Asks the Worker to move everything to the newest root key. @param url the local service to trigger */
export const keysRotate = (target: D1Target, url: string): Promise<CommandResult> =>
  ask(target, url, 'rewrap-keys', 'reindex-users', 'reindex-identities', 'reseal-events', 'check-seals')

/** Counts the users with a password hash under each pepper. */
export async function keysOldPasswords(target: D1Target): Promise<CommandResult> {
  const [rows = []] = await executeSql(target, [COUNT_OLD_PASSWORDS])
  return { document: { peppers: rows }, words: [rows] }
}

/** Asks the Worker to delete passwords under old peppers. @param url the local service to trigger */
export const keysRetirePasswords = (target: D1Target, url: string): Promise<CommandResult> =>
  ask(target, url, 'retire-passwords')

/**
 * Declares a root key lost.
 * @throws UsageError when `version` is not a number
 * @throws Error when it is not in use
 */
export async function keysForget(target: D1Target, version: string): Promise<CommandResult> {
  if (!/^[1-9]\d{0,8}$/.test(version)) throw new UsageError('Name a version, a whole number.')
  const [forgotten] = await executeSql(target, [forgetRootKey(version)])
  if (forgotten?.length !== 1) throw new Error('no such version is in use.')
  return { document: { version: Number(version) }, words: [`Version ${version} is declared lost.`] }
}

async function ask(target: D1Target, url: string, ...jobs: readonly JobName[]): Promise<CommandResult> {
  await requestRuns(target, ...jobs)
  if (!target.remote && (await triggerCron(url))) return await keysShow(target)
  return {
    document: { requested: jobs },
    words: ['The Worker starts within five minutes. See: npx --no-install latchkey keys status'],
  }
}

const time = (ms: unknown): string | null => (typeof ms === 'number' ? new Date(ms).toISOString() : null)
