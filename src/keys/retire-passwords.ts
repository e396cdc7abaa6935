import { sql } from 'drizzle-orm'
import type { Context } from '../context.ts'
import type { ForAll } from '../core/for-all.ts'
import type { Row } from '../storage/database/members.ts'
import type { Recorder } from '../storage/database/outbox.ts'
import { recorded } from '../storage/database/recorded.ts'
import { pepperVersion } from '../storage/database/root-keys.ts'
import { columnsOf, withRows } from '../storage/database/rows.ts'
import type { Statement } from '../storage/database/statement.ts'
import { chainBegan } from '../storage/database/users.ts'
import { assignments } from '../storage/database/writes.ts'
import { credentials } from '../storage/schema/index.ts'

type Dependencies = Recorder & Pick<Context, 'db' | 'ring'>

/**
 * Processes one page: removes the passwords whose hash is under an old pepper, because their owners have not
 * signed in since the rotation. The owners set a new password by mail, and their sessions continue. A hash
 * that was replaced meanwhile is kept.
 * @param passedOver how many passwords this run could not retire; they come first in the index and are
 * skipped
 */
export async function retirePasswords(
  ctx: Dependencies,
  { limit, passedOver }: { readonly limit: number; readonly passedOver: number },
  forAll: ForAll,
) {
  const rows = await ctx.db.all(selectOldPeppers(ctx.ring.newest.version, limit, passedOver))
  const retired = await forAll(rows, (some) => ctx.db.batch({ retired: some.map((row) => retire(ctx, row)) }))
  const failed = rows.length - retired.length
  return { isLastPage: rows.length < limit, retired: retired.length, passedOver: passedOver + failed }
}

const retire = (ctx: Dependencies, { user_id }: OldPepper) =>
  recorded(
    ctx,
    sql`
      UPDATE credentials SET ${assignments(credentials, { password_hash: null, changed_at: ctx.now, chain_began_at: chainBegan })}
      WHERE user_id = ${user_id} AND ${pepperVersion} > 0 AND ${pepperVersion} <> ${ctx.ring.newest.version}`,
    { action: 'user.password_retired', outcome: 'success', subjectId: user_id, detail: { reason: 'old_pepper' } },
  )

const oldPepper = { user_id: credentials.userId } as const
type OldPepper = Row<typeof oldPepper>

/**
 * Reads two ranges of the index `credentials_pepper`. A hash without a pepper (version 0) was not made by
 * this service and is not selected.
 */
export const selectOldPeppers = (newest: number, limit: number, passedOver: number): Statement<OldPepper> =>
  withRows(
    oldPepper,
    sql`
      SELECT ${columnsOf(oldPepper)} FROM credentials WHERE ${pepperVersion} > 0 AND ${pepperVersion} < ${newest}
      UNION ALL
      SELECT ${columnsOf(oldPepper)} FROM credentials WHERE ${pepperVersion} > ${newest}
      LIMIT ${limit} OFFSET ${passedOver}`,
  )
