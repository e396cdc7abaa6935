import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { DAY_MS } from '../../core/time.ts'
import { hasComeDue, isClaimable, isHeldBack, isReadableErasure } from '../../storage/database/erasure-conditions.ts'
import type { Row } from '../../storage/database/members.ts'
import { columnsOf, computed, withRows } from '../../storage/database/rows.ts'
import { assignments, plusOne } from '../../storage/database/writes.ts'
import { erasures } from '../../storage/schema/index.ts'

type Dependencies = Pick<Context, 'db' | 'now'>

const erasureClaim = {
  user_id: erasures.userId,
  requested_at: erasures.requestedAt,
  due_at: erasures.dueAt,
  basis: erasures.basis,
  seal: erasures.seal,
  started_at: erasures.startedAt,
  /** Null if the user does not exist. */
  status: computed.textOrNull(sql`(SELECT status FROM users WHERE users.id = erasures.user_id)`),
} as const
export type ErasureClaim = Row<typeof erasureClaim>

/** SQL: the time from which a purge may claim an erasure. Same expression as in the index `erasures_next`. */
const turnOf = sql.raw('(CASE WHEN retry_at IS NULL THEN due_at ELSE retry_at END)')

/** The pause after the first failure. The cron runs every five minutes. */
const FIRST_PAUSE_MS = 4 * 60_000
/** The pause is doubled at most this many times, and is never longer than a day. */
const MAX_DOUBLINGS = 9

/**
 * Claims the erasure that has waited longest. The claim sets the time of the next attempt. A purge that
 * fails, or that ends the whole Worker, is therefore tried again only after all other erasures. The claim
 * decides nothing: the row may have been written by an attacker, so `judgeClaim` checks it before anything is
 * destroyed. Index `erasures_next`.
 */
export function claimErasure({ db, now }: Dependencies): Promise<ErasureClaim | undefined> {
  return db.first(
    withRows(
      erasureClaim,
      sql`
        UPDATE erasures SET ${assignments(erasures, {
          attempts: plusOne(erasures.attempts),
          retry_at: sql`${now} + min(${DAY_MS}, ${FIRST_PAUSE_MS} << min(${erasures.attempts}, ${MAX_DOUBLINGS}))`,
        })}
        WHERE ${isClaimable} AND user_id = (
          SELECT ${erasures.userId} FROM erasures
          WHERE ${isClaimable} AND ${isReadableErasure} AND ${turnOf} <= ${now} AND NOT ${isHeldBack}
          ORDER BY ${turnOf} LIMIT 1)
        RETURNING ${columnsOf(erasureClaim)}`,
    ),
  )
}

/** SQL condition on `erasures`: the row is still what was claimed and judged. */
export const isClaimed = ({ user_id, requested_at, due_at, basis, seal }: ErasureClaim): SQL => sql`
  ${isClaimable} AND user_id = ${user_id} AND requested_at = ${requested_at} AND due_at = ${due_at}
  AND basis = ${basis} AND seal IS ${seal}`

const begunErasure = { started_at: computed.integer(sql`${erasures.startedAt}`) } as const

/**
 * Begins the purge of a claim that was judged. From then on the account cannot be restored: restoring is
 * guarded by `started_at`, and this statement by the state of the account and by the legal hold.
 * @returns when the purge first began; undefined if the account was restored or held in the meantime
 */
export async function beginErasure({ db, now }: Dependencies, claim: ErasureClaim): Promise<number | undefined> {
  const row = await db.first(
    withRows(
      begunErasure,
      sql`
        UPDATE erasures SET ${assignments(erasures, { started_at: sql`coalesce(${erasures.startedAt}, ${now})` })}
        WHERE ${isClaimed(claim)} AND NOT ${isHeldBack} AND (basis = 'database_restored' OR EXISTS (
          SELECT 1 FROM users WHERE users.id = erasures.user_id AND users.status = 'deleted'))
        RETURNING ${columnsOf(begunErasure)}`,
    ),
  )
  return row?.started_at
}

/**
 * Gives back a claim that made progress but is not finished. It does not count as a failure, and other
 * erasures come first.
 */
export async function giveBackClaim({ db, now }: Dependencies, claim: ErasureClaim): Promise<void> {
  await setNextTurn(db, claim, now)
}

/** Puts off a claim that has to wait for something else. It does not count as a failure. */
export async function putOffClaim({ db, now }: Dependencies, claim: ErasureClaim, waitMs: number): Promise<void> {
  await setNextTurn(db, claim, now + waitMs)
}

/** Puts back a claim that is not due. Its turn is decided by `due_at` again. */
export async function putBackEarlyClaim({ db }: Dependencies, claim: ErasureClaim): Promise<void> {
  await setNextTurn(db, claim, null)
}

async function setNextTurn(db: Context['db'], claim: ErasureClaim, retryAtMs: number | null): Promise<void> {
  await db.batch({
    next: sql`
      UPDATE erasures SET ${assignments(erasures, { attempts: 0, retry_at: retryAtMs })} WHERE ${isClaimed(claim)}`,
  })
}

/**
 * The statement that ends the pauses after failures, because an operator requested a purge now. Index
 * `erasures_next`.
 */
export const endPauses = ({ now }: Pick<Context, 'now'>): SQL => sql`
  UPDATE erasures SET ${assignments(erasures, { retry_at: now })}
  WHERE ${isClaimable} AND ${turnOf} > ${now} AND due_at <= ${now} AND retry_at IS NOT NULL`

const dueErasure = { user_id: erasures.userId } as const

/** Whether an erasure is due, even if no purge may claim it yet. Index `erasures_open`. */
export async function isAnyDue({ db, now }: Dependencies): Promise<boolean> {
  const row = await db.first(
    withRows(
      dueErasure,
      sql`
        SELECT ${columnsOf(dueErasure)} FROM erasures
        WHERE ${isClaimable} AND ${isReadableErasure} AND ${hasComeDue(now)} AND NOT ${isHeldBack} LIMIT 1`,
    ),
  )
  return row !== undefined
}
