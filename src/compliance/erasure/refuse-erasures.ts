import { sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { log } from '../../core/log.ts'
import { openErasureSeals, requestText } from '../../crypto/erasure-seal.ts'
import { hasComeDue, isClaimable, isReadableErasure } from '../../storage/database/erasure-conditions.ts'
import { columnsOf, withRows } from '../../storage/database/rows.ts'
import { assignments } from '../../storage/database/writes.ts'
import { erasures } from '../../storage/schema/index.ts'
import type { ErasureClaim } from './claim-erasure.ts'

type Dependencies = Pick<Context, 'db' | 'ring' | 'now'>

/** The most rows that are checked together. An attacker may insert any number. */
const CHECKED_TOGETHER = 1000

/**
 * Sets a claimed row aside, and with it all due rows whose seals do not hold, so that they do not take the
 * place of genuine requests. A row that was set aside is kept for the operator, and is not claimed again.
 * @param reason for the log
 */
export async function refuseErasure(
  ctx: Dependencies,
  claim: ErasureClaim,
  reason: 'forged' | 'cancelled',
): Promise<void> {
  const others = reason === 'forged' ? await findForged(ctx) : []
  const { refused } = await ctx.db.batch({ refused: setAside([...others, claim], ctx.now) })
  log('error', 'erasure_refused', { reason, count: refused.length })
}

const refusedErasure = { user_id: erasures.userId } as const

/** Only rows that are still what was checked. */
function setAside(claims: readonly Pick<ErasureClaim, 'user_id' | 'due_at' | 'seal'>[], now: number) {
  const rows = JSON.stringify(claims.map(({ user_id, due_at, seal }) => ({ user_id, due_at, seal })))
  return withRows(
    refusedErasure,
    sql`
      UPDATE erasures SET ${assignments(erasures, { refused_at: now })}
      WHERE ${isClaimable} AND EXISTS (
        SELECT 1 FROM json_each(${rows}) WHERE value ->> 'user_id' = erasures.user_id
          AND value ->> 'due_at' = erasures.due_at AND value ->> 'seal' IS erasures.seal)
        AND user_id IN (SELECT value ->> 'user_id' FROM json_each(${rows}))
      RETURNING ${columnsOf(refusedErasure)}`,
  )
}

const dueErasure = {
  user_id: erasures.userId,
  requested_at: erasures.requestedAt,
  due_at: erasures.dueAt,
  basis: erasures.basis,
  seal: erasures.seal,
} as const

/** Index `erasures_open`. */
async function findForged({ db, ring, now }: Dependencies) {
  const due = await db.all(
    withRows(
      dueErasure,
      sql`
        SELECT ${columnsOf(dueErasure)} FROM erasures
        WHERE ${isClaimable} AND ${isReadableErasure} AND ${hasComeDue(now)} ORDER BY due_at LIMIT ${CHECKED_TOGETHER}`,
    ),
  )
  const seals = await openErasureSeals(ring)
  return due.filter((row) => seals.check(requestText(row), row.seal) === 'broken')
}
