import { sql } from 'drizzle-orm'
import type { Archiving } from '../../../context.ts'
import { assignments } from '../../../storage/database/writes.ts'
import { auditEvents } from '../../../storage/schema/index.ts'
import { raiseAlarm } from '../../alarms/raise-alarm.ts'
import { type ChainHead, GENESIS, hashText } from '../format/chain-head.ts'
import { parseOldSegment } from '../format/old-segment.ts'
import { checkpointPath, oldSegmentPath } from '../format/segment-number.ts'
import { verifySignedHead } from '../format/signed-head.ts'
import { knownKeys } from '../keys/log-signers.ts'
import { lastOf } from './last-of.ts'
import { oldHeadIn, type StoredHeads } from './read-head.ts'

/** The end of format 1. */
export interface OldEnd extends ChainHead {
  /** When its checkpoint was signed, in Unix milliseconds. */
  readonly signedAtMs: number
}

const OLD_GENESIS: OldEnd = { ...GENESIS, signedAtMs: 0 }

/**
 * Finds the newest segment of format 1 whose checkpoint a key of this service signed. Segments after it were
 * planted, or their run was cut off before it signed; neither is adopted.
 *
 * Looks from the head in the database onwards. An attacker may have changed that head, so if its checkpoint
 * does not hold, the search begins at the first segment.
 */
export async function findOldEnd(ctx: Archiving, stored: StoredHeads | undefined): Promise<OldEnd> {
  const read = oldHeadReader(ctx)
  const head = oldHeadIn(stored)
  const found = head.sequence === 0 ? OLD_GENESIS : await read(head.sequence)
  const end = await lastOf(found?.sequence ?? 0, async (sequence) => (await read(sequence)) !== undefined)
  if (found?.hash !== head.hash) await raiseAlarm(ctx, 'archive_disagreement')
  return end === 0 ? OLD_GENESIS : ((await read(end)) ?? OLD_GENESIS)
}

/** Reads what the checkpoint of a segment of format 1 says, if a key of this service signed it. */
function oldHeadReader(ctx: Archiving): (sequence: number) => Promise<OldEnd | undefined> {
  const findKey = knownKeys(ctx)
  return async (sequence) => {
    const checkpoint = await ctx.archive.read(checkpointPath(sequence))
    const signed = checkpoint === undefined ? undefined : await verifySignedHead(checkpoint, findKey)
    if (signed?.head.sequence !== sequence || signed.head.started !== undefined) return undefined
    const { hash, event_count: eventCount, created_at } = signed.head
    return { sequence, hash, eventCount, signedAtMs: Date.parse(created_at) }
  }
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
  const read = oldHeadReader(ctx)
  const first = Math.max(oldHeadIn(stored).sequence, end.sequence - MARKED) + 1
  for (let sequence = first; sequence <= end.sequence; sequence++) {
    const text = (await ctx.archive.read(oldSegmentPath(sequence))) ?? ''
    const segment = parseOldSegment(text)
    // An attacker who can write the archive could name events here that were never archived.
    if (segment === undefined || (await read(sequence))?.hash !== (await hashText(text))) continue
    const ids = JSON.stringify(segment.events.map(({ id }) => id))
    await ctx.db.batch({
      marked: sql`
        UPDATE audit_events SET ${assignments(auditEvents, { archived_at: segment.header.created_at })}
        WHERE archived_at IS NULL AND id IN (SELECT value FROM json_each(${ids}))`,
    })
  }
}
