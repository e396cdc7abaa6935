import type { Archiving } from '../../../context.ts'
import type { LogMark } from '../../../core/ports.ts'
import { raiseAlarm } from '../../alarms/raise-alarm.ts'
import { type LogHead, verifyLogHead } from '../format/log-head.ts'
import { segmentPath, segmentPrefix } from '../format/segment-path.ts'
import type { FindKey } from '../format/signed-head.ts'
import { openSegment } from '../format/signed-segment.ts'
import { knownKeys, publishedKeys } from '../keys/log-signers.ts'
import { BrokenArchiveError } from './broken-archive-error.ts'
import { closeOldChain } from './close-old-chain.ts'
import { lastOf } from './last-of.ts'
import { markOldEvents } from './old-chain.ts'
import { type StoredHeads, selectHeads } from './read-head.ts'
import { startLog } from './start-log.ts'

/** The end of the archive, where the next segment goes. */
export interface OpenLog {
  readonly head: LogHead
  readonly nameKey: Uint8Array
  /** The mark as it was read. */
  readonly mark: LogMark | undefined
  /** What the database had. */
  readonly stored: StoredHeads | undefined
}

/**
 * Finds the newest segment. Before the first segment of format 2, that segment is written.
 *
 * The caller must read the rows of events after this call. With a head newer than these rows, an event could
 * be archived twice.
 * @throws BrokenArchiveError, TimeLimitError
 */
export async function openLog(ctx: Archiving): Promise<OpenLog> {
  const { head, nameKey, mark, stored } = await readLog(ctx)
  if (head !== undefined && nameKey !== undefined) return { head, nameKey, mark, stored }
  if (head !== undefined) return await stopForLostKey(ctx)
  const end = await closeOldChain(ctx, stored)
  await markOldEvents(ctx, stored, end)
  const key = nameKey ?? (await createNameKey(ctx, end.sequence))
  const newest = (await findNewest(ctx, end.sequence, key)) ?? (await startLog(ctx, end, key)).head
  return { head: newest, nameKey: key, mark, stored }
}

/** As `openLog`, but writes nothing. @returns undefined before the first segment of format 2 */
export async function findLog(ctx: Archiving): Promise<OpenLog | undefined> {
  const { head, nameKey, mark, stored } = await readLog(ctx)
  return head && nameKey && { head, nameKey, mark, stored }
}

/**
 * The newest segment is the further one of two signed checkpoints: that of the database, and the mark in the
 * vault, which was written after it. An attacker who can write one of the two stores can neither lead the
 * archive back nor to a segment that the service did not sign.
 */
async function readLog(ctx: Archiving) {
  const [mark, nameKey] = await Promise.all([ctx.logVault.readMark(), ctx.logVault.findNameKey()])
  const stored = await ctx.db.first(selectHeads)
  return { head: await chooseHead(ctx, stored?.checkpoint ?? undefined, mark?.checkpoint), nameKey, mark, stored }
}

async function chooseHead(ctx: Archiving, stored: string | undefined, mark: string | undefined) {
  // Two stores that agree are believed about a key of a distrusted version: otherwise the archive could not
  // go on after it became distrusted.
  const findKey = stored === mark ? knownKeys(ctx) : publishedKeys(ctx)
  const verify = async (checkpoint: string | undefined) =>
    checkpoint === undefined ? undefined : await verifyLogHead(checkpoint, findKey)
  const inDatabase = await verify(stored)
  const inVault = stored === mark ? inDatabase : await verify(mark)
  if (stored !== undefined && stored === mark && inDatabase === undefined) {
    // Both stores name a key that this isolate does not have: another isolate has a newer root key. Or the
    // settings distrust a key from before the segment that both name: an operator must decide what counts.
    if ((await verifyLogHead(stored, withoutPosition(knownKeys(ctx)))) !== undefined) {
      await raiseAlarm(ctx, 'archive_disagreement')
    }
    throw new BrokenArchiveError()
  }
  if (inDatabase && inVault && inDatabase.sequence === inVault.sequence && inDatabase.hash !== inVault.hash) {
    await raiseAlarm(ctx, 'archive_forked')
    throw new BrokenArchiveError()
  }
  const [atDatabase, atVault] = [inDatabase?.sequence ?? 0, inVault?.sequence ?? 0]
  // The mark is written last and was read first, so it is never ahead of a database that kept what it had.
  const isForged = (stored !== undefined && !inDatabase) || (mark !== undefined && !inVault)
  if (isForged || atVault > atDatabase) await raiseAlarm(ctx, 'archive_disagreement')
  return atVault > atDatabase ? inVault : inDatabase
}

const withoutPosition =
  (findKey: FindKey): FindKey =>
  (kid) =>
    findKey(kid)

async function stopForLostKey(ctx: Archiving): Promise<never> {
  await raiseAlarm(ctx, 'archive_disagreement')
  throw new BrokenArchiveError()
}

/** A missing key is created only if the archive has no segment whose name was made with it. */
async function createNameKey(ctx: Archiving, oldEnd: number): Promise<Uint8Array> {
  for (const path of await ctx.archive.list(segmentPrefix(oldEnd + 1), 100)) {
    const text = (await ctx.archive.read(path)) ?? ''
    if ((await openSegment(text, publishedKeys(ctx))) !== undefined) return await stopForLostKey(ctx)
  }
  return await ctx.logVault.createNameKey()
}

/** Looks for segments of format 2 by their names. */
async function findNewest(ctx: Archiving, oldEnd: number, nameKey: Uint8Array): Promise<LogHead | undefined> {
  const read = (sequence: number) => ctx.archive.read(segmentPath(nameKey, sequence))
  const last = await lastOf(oldEnd, async (sequence) => (await read(sequence)) !== undefined)
  if (last === oldEnd) return undefined
  const newest = await openSegment((await read(last)) ?? '', publishedKeys(ctx))
  // A run that was cut off leaves the first segment, or no segment. More than that shows that heads were
  // lost.
  if (newest === undefined || last > oldEnd + 1) await raiseAlarm(ctx, 'archive_disagreement')
  if (newest?.head.sequence !== last) throw new BrokenArchiveError()
  return newest.head
}
