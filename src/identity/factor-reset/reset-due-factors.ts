import { sql } from 'drizzle-orm'
import * as z from 'zod'
import type { Context } from '../../context.ts'
import { factorKinds } from '../../core/factor-kinds.ts'
import { oneByOne } from '../../core/for-all.ts'
import { readStored } from '../../core/json.ts'
import { endSessions, type SessionEnding } from '../../storage/database/end-sessions.ts'
import type { Row } from '../../storage/database/members.ts'
import { orderMail, sealMailPayload } from '../../storage/database/outbox-mail.ts'
import { recorded } from '../../storage/database/recorded.ts'
import { columnsOf, withRows } from '../../storage/database/rows.ts'
import { factorResets } from '../../storage/schema/index.ts'
import { removeFactors } from './remove-factors.ts'

type Dependencies = SessionEnding & Pick<Context, 'db' | 'requestId' | 'now' | 'outbox' | 'vault'>

const dueReset = {
  user_id: factorResets.userId,
  kinds: factorResets.kinds,
} as const
type DueReset = Row<typeof dueReset>

const kindsSchema = z.array(z.enum(factorKinds))

/**
 * Does the resets of second factors whose delay has ended, for the cron: at most `limit`, the oldest first.
 * Each is a batch of its own, so that one which fails does not hold up the others.
 */
export async function resetDueFactors(ctx: Dependencies, limit: number): Promise<void> {
  const due = await ctx.db.all(
    withRows(
      dueReset,
      sql`
        SELECT ${columnsOf(dueReset)} FROM factor_resets
        WHERE due_at <= ${ctx.now} ORDER BY due_at LIMIT ${limit}`,
    ),
  )
  await oneByOne({ isPatient: true })(due, async (some) => {
    for (const reset of some) await resetOne(ctx, reset)
  })
}

/**
 * Removes the factors of one account, once: the batch that deletes the row of the reset removes them. If the
 * owner or an operator has cancelled it meanwhile, or another run has done it, nothing happens. A row that
 * was cancelled and requested again meanwhile is not due, or names other kinds: the next run does it.
 */
async function resetOne(ctx: Dependencies, { user_id: userId, ...reset }: DueReset): Promise<void> {
  const { db, now } = ctx
  const kinds = readStored(kindsSchema, reset.kinds)
  const payload = await sealMailPayload(ctx, await ctx.vault.find(userId), {
    userId,
    payload: { factorKinds: kinds },
  })
  const claimed = recorded(
    { ...ctx, actor: { type: 'system' } },
    sql`DELETE FROM factor_resets WHERE user_id = ${userId} AND due_at <= ${now} AND kinds = ${reset.kinds}`,
    { action: 'factors.reset', outcome: 'success', subjectId: userId, detail: { kinds } },
  )
  const onlyIf = claimed.happened
  await db.batch({
    claimed,
    removed: removeFactors({ userId, kinds, now, onlyIf }),
    ended: endSessions(ctx, 'operator', sql`user_id = ${userId} AND ${onlyIf}`),
    told: orderMail({ ...ctx, locale: null }, { template: 'factors-reset', userId, payload, onlyIf }),
  })
}
