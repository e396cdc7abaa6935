import { type SQL, sql } from 'drizzle-orm'
import type { Recording } from '../context.ts'
import type { UserId } from '../core/ids.ts'
import type { DataKeyLookup } from '../core/ports.ts'
import { hashRecoveryCode, newRecoveryCodes } from '../crypto/recovery-code.ts'
import type { Recorded } from '../storage/database/batch.ts'
import { encryptClient } from '../storage/database/event-details.ts'
import { recorded } from '../storage/database/recorded.ts'
import { columnsOf, withRows } from '../storage/database/rows.ts'
import { onReturned, type Runnable } from '../storage/database/statement.ts'
import { insertInto } from '../storage/database/writes.ts'
import { recoveryCodes } from '../storage/schema/index.ts'

interface NewCodes {
  readonly userId: UserId
  readonly lookup: DataKeyLookup
  /** SQL condition: the codes are stored only if it holds. */
  readonly onlyIf: SQL
  /** Replaces codes that can still be used. Otherwise the account gets codes only if it has no such code. */
  readonly replaces: boolean
}

export interface GivenCodes {
  readonly steps: { readonly former: Runnable; readonly made: Recorded<unknown> }
  /** SQL condition: the batch has stored the codes. */
  readonly happened: SQL
  /** The codes, once the batch has stored them; undefined if it has not. */
  readonly codes: () => string[] | undefined
}

const storedCode = { code_hash: recoveryCodes.codeHash } as const

/**
 * Makes a set of recovery codes, as steps of a batch. The set takes the place of the one before, used codes
 * included: one statement inserts all ten, and only where no other code of the user is left, so two sets
 * never mix.
 */
export async function giveRecoveryCodes(
  ctx: Recording,
  { userId, lookup, onlyIf, replaces }: NewCodes,
): Promise<GivenCodes> {
  const codes = newRecoveryCodes()
  const [pii, ...hashes] = await Promise.all([
    encryptClient(ctx, lookup, userId),
    ...codes.map((code) => hashRecoveryCode(userId, code)),
  ])
  const ofUser = sql`SELECT 1 FROM recovery_codes WHERE user_id = ${userId}`
  const mayReplace = replaces ? sql`true` : sql`NOT EXISTS (${ofUser} AND used_at IS NULL)`
  let isStored = false
  const insertion = insertInto(
    recoveryCodes,
    { user_id: userId, code_hash: sql`value`, created_at: ctx.now },
    { from: sql`json_each(${JSON.stringify(hashes)})`, onlyIf: sql`${onlyIf} AND NOT EXISTS (${ofUser})` },
  )
  const made = recorded(
    ctx,
    onReturned(withRows(storedCode, sql`${insertion} RETURNING ${columnsOf(storedCode)}`), (rows) => {
      isStored = rows.length > 0
    }),
    { action: 'recovery_codes.made', outcome: 'success', subjectId: userId },
    { pii },
  )
  return {
    steps: {
      former: sql`DELETE FROM recovery_codes WHERE user_id = ${userId} AND ${onlyIf} AND ${mayReplace}`,
      made,
    },
    happened: made.happened,
    codes: () => (isStored ? codes : undefined),
  }
}
