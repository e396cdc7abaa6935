/** What an operator asks about root keys, and does: how far a rotation is, and how to finish it. */
import { selectNewestRuns } from '../compliance/keys/get-key-progress.ts'
import type { JobName } from '../core/job-name.ts'
import type { Answer } from './answer.ts'
import { UsageError } from './command-line.ts'
import { type D1Target, executeSql, requestRuns, toText } from './d1.ts'
import { COUNT_OLD_PASSWORDS, forgetRootKey, LIST_ROOT_KEYS } from './key-queries.ts'
import { runDocuments } from './run-documents.ts'
import { wake } from './wake.ts'

/** What stands under each root key version, and the newest runs of the jobs. */
export async function showKeys(target: D1Target): Promise<Answer> {
  const [rootKeys = [], found = []] = await executeSql(target, [LIST_ROOT_KEYS, toText(selectNewestRuns)])
  const runs = found.map((run) => ({
    ...run,
    started_at: time(run.started_at),
    finished_at: time(run.finished_at),
  }))
  const shown = runs.map((run) => ({ ...run, finished_at: run.finished_at ?? '-' }))
  return { document: { root_keys: rootKeys, runs: runDocuments(runs) }, words: [rootKeys, shown] }
}

/** Asks the Worker to move everything to the newest root key. @param url the local service to wake */
export const rotateKeys = (target: D1Target, url: string): Promise<Answer> =>
  ask(target, url, 'rewrap-keys', 'reindex-users', 'reindex-identities')

/** How many people have a password hash under each pepper. */
export async function countOldPasswords(target: D1Target): Promise<Answer> {
  const [rows = []] = await executeSql(target, [COUNT_OLD_PASSWORDS])
  return { document: { peppers: rows }, words: [rows] }
}

/** Asks the Worker to take passwords under old peppers. @param url the local service to wake */
export const retirePasswords = (target: D1Target, url: string): Promise<Answer> => ask(target, url, 'retire-passwords')

/** Declares a root key lost. @throws UsageError when `version` is no number @throws Error when it is not in use */
export async function forgetKey(target: D1Target, version: string): Promise<Answer> {
  if (!/^[1-9]\d{0,8}$/.test(version)) throw new UsageError('Name a version, a whole number.')
  const [forgotten] = await executeSql(target, [forgetRootKey(version)])
  if (forgotten?.length !== 1) throw new Error('no such version is in use.')
  return { document: { version: Number(version) }, words: [`Version ${version} is no longer waited for.`] }
}

async function ask(target: D1Target, url: string, ...jobs: readonly JobName[]): Promise<Answer> {
  await requestRuns(target, ...jobs)
  if (!target.remote && (await wake(url))) return await showKeys(target)
  return {
    document: { requested: jobs },
    words: ['It was asked for. The Worker begins within five minutes; see: npx --no-install latchkey keys status'],
  }
}

const time = (ms: unknown): string | null => (typeof ms === 'number' ? new Date(ms).toISOString() : null)
