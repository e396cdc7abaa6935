import { sql } from 'drizzle-orm'
import { erasureStateAt } from '../../compliance/erasure/erasure-state.ts'
import { canBeHeld, liftHold, placeHold } from '../../compliance/erasure/legal-hold.ts'
import { beginPass, formatPass } from '../../compliance/erasure/reopen-pass.ts'
import { beginSigning } from '../../compliance/erasure/sign-markers.ts'
import { openRun } from '../../compliance/job-runs.ts'
import type { AuditAction } from '../../core/audit-event.ts'
import type { UserId } from '../../core/ids.ts'
import type { SealEvent } from '../../core/sealed-event.ts'
import type { ErasureSeals } from '../../crypto/erasure-seal.ts'
import { recorded } from '../../storage/database/recorded.ts'
import { columnsOf, computed, withRows } from '../../storage/database/rows.ts'
import { mayBeNamed } from '../../storage/database/users.ts'
import { erasures, jobRuns } from '../../storage/schema/index.ts'
import { literal, newRecorder, toText } from '../shared/d1.ts'

const STATE = toText(erasureStateAt(sql`(unixepoch() * 1000)`))

export const LIST_OPEN = `
  SELECT user_id, ${STATE} AS state, basis, datetime(due_at / 1000, 'unixepoch') AS due_at_utc
  FROM erasures WHERE completed_at IS NULL ORDER BY due_at LIMIT 500`

export const COUNT_OPEN = `
  SELECT ${STATE} AS state, count(*) AS users, datetime(min(due_at) / 1000, 'unixepoch') AS oldest_due_at_utc
  FROM erasures WHERE completed_at IS NULL GROUP BY state ORDER BY state`

export const LIST_RUNS = `
  SELECT job, datetime(started_at / 1000, 'unixepoch') AS started_at_utc,
    datetime(finished_at / 1000, 'unixepoch') AS finished_at_utc, counts
  FROM job_runs ORDER BY id DESC LIMIT 20`

/** The step that deletes a row which a purge has set aside. `dismissed` has a row when there was one. */
export function dismissSteps(userId: string) {
  const row = { user_id: erasures.userId } as const
  return {
    dismissed: withRows(
      row,
      sql`DELETE FROM erasures WHERE user_id = ${userId} AND refused_at IS NOT NULL RETURNING ${columnsOf(row)}`,
    ),
  }
}

export const findReceipt = (userId: UserId): string =>
  `SELECT receipt, recorded_in FROM erasures WHERE user_id = ${literal(userId)}`

/** What seals a hold and its event. */
interface Sealers {
  readonly seal: SealEvent
  readonly seals: ErasureSeals
}

/**
 * Steps that place a legal hold. `placed` has a row when the hold was placed. `found` tells whether a purge
 * of the user could be held back.
 */
export function holdSteps({ seal, seals }: Sealers, userId: UserId, reason: string) {
  const recorder = newRecorder(seal)
  const known = { is_known: computed.flag(sql`(${canBeHeld(userId, recorder.now)})`) } as const
  return {
    placed: recorded(
      recorder,
      placeHold({ userId, reason, now: recorder.now, seals }),
      ...event('legal_hold.placed', userId),
    ),
    found: withRows(known, sql`SELECT ${columnsOf(known)}`),
  }
}

/** Steps that release a hold. `lifted` has a row when there was one. */
export const releaseSteps = (seal: SealEvent, userId: UserId) => ({
  lifted: recorded(newRecorder(seal), liftHold(userId), ...event('legal_hold.lifted', userId)),
})

/** Steps that open a pass over the erasure markers. `opened` has a row unless a pass is under way. */
export function reopenSteps(expected: number) {
  const run = { id: jobRuns.id } as const
  const opening = openRun({ now: Date.now() }, 'reopen-restored', formatPass(beginPass(expected)))
  return { opened: withRows(run, sql`${opening} RETURNING ${columnsOf(run)}`) }
}

/** Steps that open a run which signs markers. `opened` has a row unless one is under way. */
export function signMarkersSteps(expected: number, named: readonly string[]) {
  const run = { id: jobRuns.id } as const
  const opening = openRun({ now: Date.now() }, 'sign-markers', beginSigning(expected, named))
  return { opened: withRows(run, sql`${opening} RETURNING ${columnsOf(run)}`) }
}

/** What the database knows of the users whose markers are listed. */
export const selectMarked = (userIds: readonly string[]): string =>
  `SELECT value AS user_id, CASE WHEN email_enc = '' AND completed_at IS NOT NULL THEN 'erased'
     WHEN users.id IS NULL THEN 'unknown' ELSE 'not erased' END AS state
   FROM json_each(${literal(JSON.stringify(userIds))})
     LEFT JOIN users ON users.id = value LEFT JOIN erasures ON erasures.user_id = value`

type HoldAction = Extract<AuditAction['action'], `legal_hold.${string}`>

const event = (action: HoldAction, userId: UserId) =>
  [{ action, outcome: 'success', subjectId: userId }, { namesSubjectIf: mayBeNamed(userId) }] as const
