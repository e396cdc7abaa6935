import { sql } from 'drizzle-orm'
import type { Context, LogReading } from '../../../context.ts'
import type { Row } from '../../../storage/database/members.ts'
import { columnsOf, computed, withRows } from '../../../storage/database/rows.ts'
import { type ChainHead, GENESIS } from '../format/chain-head.ts'
import { type LogHead, verifyLogHead } from '../format/log-head.ts'
import { derivedKeys, knownKeys, publishedKeys } from '../keys/log-signers.ts'

/** The column of a table with one row. Null if it is missing, or if an attacker gave it another type. */
const textOf = (table: string, column: string) =>
  computed.textOrNull(
    sql.raw(`(SELECT CASE WHEN typeof(${column}) = 'text' THEN ${column} END FROM ${table} WHERE id = 1)`),
  )
const countOf = (table: string, column: string) =>
  computed.countOrNull(sql.raw(`(SELECT ${column} FROM ${table} WHERE id = 1)`))

const heads = {
  checkpoint: textOf('log_head', 'checkpoint'),
  followed: countOf('log_head', 'followed'),
  old_sequence: countOf('archive_head', 'sequence'),
  old_hash: textOf('archive_head', 'hash'),
  old_event_count: countOf('archive_head', 'event_count'),
} as const

/** The heads of both formats, as the database has them, unchecked. */
export type StoredHeads = Row<typeof heads>

/** Selects one row. */
export const selectHeads = withRows(heads, sql`SELECT ${columnsOf(heads)}`)

/** The end of format 1, according to the database. */
export const oldHeadIn = (stored: StoredHeads | undefined): ChainHead => {
  const { old_sequence: sequence, old_hash: hash, old_event_count: eventCount } = stored ?? {}
  return sequence && hash && eventCount ? { sequence, hash, eventCount } : GENESIS
}

/**
 * The newest segment according to the database. Calls no store. A checkpoint that no key of this isolate
 * signed is not believed.
 */
export async function headIn(
  ctx: Pick<Context, 'receipts' | 'settings'>,
  stored: StoredHeads | undefined,
): Promise<ChainHead> {
  const checkpoint = stored?.checkpoint
  return (checkpoint ? await verifyLogHead(checkpoint, derivedKeys(ctx)) : undefined) ?? oldHeadIn(stored)
}

/**
 * Reads the heads of both formats.
 * @returns `head`: the newest signed segment of format 2 that the database or the vault names, whichever is
 * further; undefined before the first one. `old`: the end of format 1 according to the database
 * @throws TimeLimitError
 */
export async function readHeads(
  ctx: LogReading,
): Promise<{ readonly head: LogHead | undefined; readonly old: ChainHead }> {
  const [stored, mark] = await Promise.all([ctx.db.first(selectHeads), ctx.logVault.readMark()])
  return { head: await newerHead(ctx, stored, mark?.checkpoint), old: oldHeadIn(stored) }
}

async function newerHead(ctx: LogReading, stored: StoredHeads | undefined, mark: string | undefined) {
  const findKey = publishedKeys(ctx)
  const inDatabase = stored?.checkpoint ? await verifyLogHead(stored.checkpoint, findKey) : undefined
  if (mark === undefined || mark === stored?.checkpoint) return inDatabase
  const inVault = await verifyLogHead(mark, findKey)
  return (inVault?.sequence ?? 0) > (inDatabase?.sequence ?? 0) ? inVault : inDatabase
}

/**
 * When the archive got its present format. `unknown`: a checkpoint exists, and this isolate believes none.
 */
export type LogStart = number | undefined | 'unknown'

/**
 * When the first segment of format 2 was written, in Unix milliseconds; undefined before. Two stores that
 * agree are believed about a key of a distrusted version: otherwise the archive would seem new after its
 * newest key became distrusted, and would take over events without a seal.
 * @throws TimeLimitError
 */
export async function readLogStart(ctx: LogReading): Promise<LogStart> {
  const [stored, mark] = await Promise.all([ctx.db.first(selectHeads), ctx.logVault.readMark()])
  const checkpoints = [stored?.checkpoint, mark?.checkpoint].filter((one) => typeof one === 'string')
  const [one, other] = checkpoints
  const findKey = one !== undefined && one === other ? knownKeys(ctx) : publishedKeys(ctx)
  const heads = await Promise.all(checkpoints.map((checkpoint) => verifyLogHead(checkpoint, findKey)))
  const believed = heads.find((head) => head !== undefined)
  return believed?.started.atMs ?? (checkpoints.length === 0 ? undefined : 'unknown')
}
