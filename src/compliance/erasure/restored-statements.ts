import * as z from 'zod'
import type { Context, StatementReading } from '../../context.ts'
import type { UserId } from '../../core/ids.ts'
import { openStatements } from './open-statements.ts'

/** Where the vault keeps the times at which a person restored the account. */
const restoredPrefix = (userId: UserId): string => `restored/${userId}/`

const schema = z.strictObject({ user_id: z.string(), restored_at: z.int() })

/** A restore, as an event of the audit trail names it. */
interface Restored {
  readonly userId: UserId
  readonly atMs: number
}

/**
 * Keeps a signed statement in the vault that an account was restored. Without it, an attacker who can write
 * the database could put the cancelled request back, with its genuine seal. Repeating it changes nothing.
 *
 * The event may be delivered again after a purge. The statement, which holds the id beside a time, is then
 * deleted: a purge writes its marker before it deletes the statements, so one of the two deletes it.
 * @throws TimeLimitError
 */
export async function noteRestored(
  ctx: Pick<Context, 'receipts' | 'vaultStatements' | 'erasureMarkers'>,
  { userId, atMs }: Restored,
): Promise<void> {
  const statement = await ctx.receipts.sign('latchkey-restored+jws', { user_id: userId, restored_at: atMs })
  await ctx.vaultStatements.create(`${restoredPrefix(userId)}${String(atMs).padStart(15, '0')}`, statement)
  const markers = await ctx.erasureMarkers.find([userId])
  if (markers.length > 0) await forgetRestores(ctx, userId)
}

/** More restores than a person makes. Names sort by time, and the newest ones are read. */
const MOST = 1000
const NEWEST = 10

/**
 * When the account was last restored, in Unix milliseconds; 0 if it never was. Statements that no trusted key
 * signed count for nothing.
 * @throws TimeLimitError
 */
export async function readRestoredAt(ctx: StatementReading, userId: UserId): Promise<number> {
  const paths = await ctx.vaultStatements.list(restoredPrefix(userId), MOST)
  if (paths.length === 0) return 0
  const open = openStatements(ctx)
  const times = await Promise.all(
    paths.slice(-NEWEST).map(async (path) => {
      const text = await ctx.vaultStatements.read(path)
      const statement = schema.safeParse(text && (await open('latchkey-restored+jws', text)))
      return statement.success && statement.data.user_id === userId ? statement.data.restored_at : 0
    }),
  )
  return Math.max(...times)
}

/** Deletes the statements about an erased person. @throws TimeLimitError */
export async function forgetRestores(
  { vaultStatements }: Pick<StatementReading, 'vaultStatements'>,
  userId: UserId,
): Promise<void> {
  await vaultStatements.delete(await vaultStatements.list(restoredPrefix(userId), MOST))
}
