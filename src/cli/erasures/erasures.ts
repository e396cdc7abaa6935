/**
 * An operator's commands for erasures: list, dry run, purge now, legal hold, receipt. They use the database,
 * and `ROOT_KEYS` to seal the event of a hold. The Worker does the purge itself, because it has the keys.
 */
import { type UserId, userIdSchema } from '../../core/ids.ts'
import type { SealEvent } from '../../core/sealed-event.ts'
import { openErasureSeals } from '../../crypto/erasure-seal.ts'
import { createSealEvent } from '../../crypto/event-seal.ts'
import { openArchive } from '../archive/open-archive.ts'
import { openPublicLog } from '../archive/public-log.ts'
import { openRing } from '../dev/open-ring.ts'
import type { CommandResult } from '../shared/command-result.ts'
import { type D1Target, executeSql, executeSteps, requestRuns } from '../shared/d1.ts'
import { runDocuments } from '../shared/run-documents.ts'
import { triggerCron } from '../shared/trigger-cron.ts'
import { UsageError } from '../shared/usage-error.ts'
import {
  COUNT_OPEN,
  dismissSteps,
  findReceipt,
  holdSteps,
  LIST_OPEN,
  LIST_RUNS,
  releaseSteps,
  reopenSteps,
} from './erasure-queries.ts'
import { makeProof } from './make-proof.ts'

/** Lists every open erasure with its state. */
export async function erasuresList(target: D1Target): Promise<CommandResult> {
  const [rows = []] = await executeSql(target, [LIST_OPEN])
  return { document: { erasures: rows }, words: [rows] }
}

/** Counts the erasures in each state. */
export async function erasuresCount(target: D1Target): Promise<CommandResult> {
  const [rows = []] = await executeSql(target, [COUNT_OPEN])
  return { document: { states: rows }, words: [rows] }
}

/** Shows the progress of the last runs of every job. */
export async function erasuresRuns(target: D1Target): Promise<CommandResult> {
  const [rows = []] = await executeSql(target, [LIST_RUNS])
  return { document: { runs: runDocuments(rows) }, words: [rows] }
}

/** Asks for a purge. @param url the local service to trigger */
export async function erasuresRun(target: D1Target, url: string): Promise<CommandResult> {
  await requestRuns(target, 'purge')
  if (!target.remote && (await triggerCron(url))) return await erasuresRuns(target)
  return {
    document: { requested: ['purge'] },
    words: ['The Worker starts the purge within five minutes. See: npx --no-install latchkey erasures runs'],
  }
}

/**
 * Allows one pass over the erasure markers to reopen so many erasures. With more people, it reopens none.
 * @param expect as `erasures runs` counts them
 * @throws UsageError when it is no number @throws Error when a pass is under way
 */
export async function erasuresReopen(target: D1Target, expect: string, url: string): Promise<CommandResult> {
  if (!/^[1-9]\d{0,6}$/.test(expect)) throw new UsageError('Name the number of people, for example --expect 1200.')
  const { opened } = await executeSteps(target, reopenSteps(Number(expect)))
  if (opened.length !== 1) throw new Error('a pass over the markers is under way. Try again in five minutes.')
  if (!target.remote && (await triggerCron(url))) return await erasuresRuns(target)
  return {
    document: { requested: ['reopen-restored'], expect: Number(expect) },
    words: [
      'A pass was asked for. The Worker begins within five minutes; see: npx --no-install latchkey erasures runs',
    ],
  }
}

/**
 * Places a legal hold, which blocks the purge of a user.
 * @throws UsageError when `id` is not an id
 * @throws Error when no purge can be held back
 */
export async function erasuresHold(target: D1Target, id: string, reason: string): Promise<CommandResult> {
  const userId = readUserId(id)
  const ring = await openRing(target)
  const {
    placed,
    found: [user],
  } = await executeSteps(
    target,
    holdSteps({ seal: createSealEvent(ring), seals: await openErasureSeals(ring) }, userId, reason),
  )
  const answer = (is_new: boolean, word: string): CommandResult => ({
    document: { user_id: userId, is_new },
    words: [word],
  })
  if (placed.length === 1) return answer(true, 'The purge of this user is blocked.')
  if (user?.is_known) return answer(false, 'This user has a hold already. Its reason stays.')
  throw new Error('no user has this id, or the purge of this user is under way or done. No hold was placed.')
}

/** Releases a hold. @throws UsageError when `id` is not an id @throws Error when there is no hold */
export async function erasuresRelease(target: D1Target, id: string): Promise<CommandResult> {
  const userId = readUserId(id)
  const { lifted } = await executeSteps(target, releaseSteps(await openSealer(target), userId))
  if (lifted.length !== 1) throw new Error('there is no hold on this user.')
  return { document: { user_id: userId }, words: ['The hold was released.'] }
}

/**
 * Deletes a request that a purge has set aside, because this service did not make it, or because the account
 * was restored.
 * @param id as `erasures list` shows it; an attacker may have chosen it
 * @throws Error when no such request was set aside
 */
export async function erasuresDismiss(target: D1Target, id: string): Promise<CommandResult> {
  const { dismissed } = await executeSteps(target, dismissSteps(id))
  if (dismissed.length !== 1) throw new Error('no request of this user was set aside.')
  return { document: { user_id: id }, words: ['The request was deleted. The account is as it was.'] }
}

/**
 * The signed receipt, a JWS.
 * @throws UsageError when `id` is not an id
 * @throws Error when the user was not erased
 */
export async function erasuresReceipt(target: D1Target, id: string): Promise<CommandResult> {
  const userId = readUserId(id)
  const [rows = []] = await executeSql(target, [findReceipt(userId)])
  const receipt = rows[0]?.receipt
  if (typeof receipt !== 'string') throw new Error('this user has not been erased.')
  return { document: { user_id: userId, receipt }, words: [receipt] }
}

/**
 * The file that proves an erasure without the service.
 * @param url the service, which publishes the log
 * @throws UsageError when `id` is not an id
 * @throws Error when the user was not erased, or the published log does not have the event yet
 */
export async function erasuresProof(target: D1Target, id: string, url: string): Promise<CommandResult> {
  const userId = readUserId(id)
  const [rows = []] = await executeSql(target, [findReceipt(userId)])
  const { receipt, recorded_in: segment } = rows[0] ?? {}
  if (typeof receipt !== 'string') throw new Error('this user has not been erased.')
  const log = openPublicLog(url)
  const { remote, persistTo, environment: env } = target
  const text = await openArchive({ ...(remote && { remote }), persistTo, env }, (archive) =>
    makeProof({ receipt, segment: typeof segment === 'number' ? segment : undefined, archive, log }),
  )
  // The output ends with the line feed with which the file ends.
  return { document: { user_id: userId, proof: text }, words: [text.slice(0, -1)] }
}

/** A hold or a release is an event of the audit trail, and the archive takes only sealed events. */
const openSealer = async (target: D1Target): Promise<SealEvent> => createSealEvent(await openRing(target))

/** @throws UsageError when `id` is not an id */
function readUserId(text: string): UserId {
  const userId = userIdSchema.safeParse(text)
  if (!userId.success) throw new UsageError('Name a user by the id, a UUID of version 4.')
  return userId.data
}
