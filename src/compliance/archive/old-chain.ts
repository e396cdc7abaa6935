import { sql } from 'drizzle-orm'
import type { Archiving } from '../../context.ts'
import { assignments } from '../../storage/database/writes.ts'
import { auditEvents } from '../../storage/schema/index.ts'
import { raiseAlarm } from '../alarms/raise-alarm.ts'
import { type ChainHead, GENESIS, hashText } from './chain-head.ts'
import { lastOf } from './last-of.ts'
import { knownKeys } from './log-signers.ts'
import { CLOSING_OBJECT, parseOldSegment } from './old-segment.ts'
import { oldHeadIn, type StoredHeads } from './read-head.ts'
import { checkpointPath, oldSegmentPath } from './segment-number.ts'
import { verifySignedHead } from './signed-head.ts'

/**
 * Finds the newest segment of format 1 whose checkpoint a key of this service signed. Segments after it were
 * planted, or their run was cut off before it signed; neither is adopted.
 *
 * Looks from the head in the database onwards. An attacker may have changed that head, so if its checkpoint
 * does not hold, the search begins at the first segment.
 */
export async function findOldEnd(ctx: Archiving, stored: StoredHeads | undefined): Promise<ChainHead> {
  const findKey = knownKeys(ctx)
  const read = async (sequence: number): Promise<ChainHead | undefined> => {
    const checkpoint = await ctx.archive.read(checkpointPath(sequence))
    const signed = checkpoint === undefined ? undefined : await verifySignedHead(checkpoint, findKey)
    if (signed?.head.sequence !== sequence || signed.head.started !== undefined) return undefined
    return { sequence, hash: signed.head.hash, eventCount: signed.head.event_count }
  }
  const head = oldHeadIn(stored)
  const found = head.sequence === 0 ? GENESIS : await read(head.sequence)
  const end = await lastOf(found?.sequence ?? 0, async (sequence) => (await read(sequence)) !== undefined)
  if (found?.hash !== head.hash) await raiseAlarm(ctx, 'archive_disagreement')
  return end === 0 ? GENESIS : ((await read(end)) ?? GENESIS)
}

/**
 * Old segments after the head in the database whose rows are marked. A run of the version before left one.
 */
const MARKED = 50

/**
 * Marks the events in old segments after the head in the database as archived: their run was cut off between
 * its last two writes.
 */
export async function markOldEvents(ctx: Archiving, stored: StoredHeads | undefined, end: ChainHead): Promise<void> {
  const first = Math.max(oldHeadIn(stored).sequence, end.sequence - MARKED) + 1
  for (let sequence = first; sequence <= end.sequence; sequence++) {
    const segment = parseOldSegment((await ctx.archive.read(oldSegmentPath(sequence))) ?? '')
    if (segment === undefined) continue
    const ids = JSON.stringify(segment.events.map(({ id }) => id))
    await ctx.db.batch({
      marked: sql`
        UPDATE audit_events SET ${assignments(auditEvents, { archived_at: segment.header.created_at })}
        WHERE archived_at IS NULL AND id IN (SELECT value FROM json_each(${ids}))`,
    })
  }
}

/** Segments that a run of the version before could still adopt. */
const CLOSED = 50

/**
 * Takes the name of the next segment of format 1, so that a Worker of the version before cannot continue its
 * chain while it is replaced: it finds a segment that it cannot read, and retries. If the name is taken by a
 * segment that such a Worker would adopt, the next free name is taken as well.
 */
export async function closeOldChain(ctx: Archiving, end: ChainHead): Promise<void> {
  let { sequence, hash } = end
  for (let closed = 0; closed < CLOSED; closed++) {
    const path = oldSegmentPath(sequence + 1)
    if (await ctx.archive.create(path, CLOSING_OBJECT)) return
    const text = (await ctx.archive.read(path)) ?? ''
    const header = parseOldSegment(text)?.header
    if (header?.sequence !== sequence + 1 || header.previous !== hash) return
    ;[sequence, hash] = [sequence + 1, await hashText(text)]
  }
}
