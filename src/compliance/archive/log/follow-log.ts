import { sql } from 'drizzle-orm'
import type { Archiving, Context } from '../../../context.ts'
import { assignments } from '../../../storage/database/writes.ts'
import { logHead } from '../../../storage/schema/index.ts'
import { raiseAlarm } from '../../alarms/raise-alarm.ts'
import { segmentPath } from '../format/segment-path.ts'
import { openSegment } from '../format/signed-segment.ts'
import { knownKeys } from '../keys/log-signers.ts'
import { markArchived, moveHead } from './advance-log.ts'
import { findLog, type OpenLog } from './open-log.ts'
import { takeOver } from './take-over.ts'

/** Segments that one run of the cron follows. Each takes two calls. */
const FOLLOWED_AT_ONCE = 200

/**
 * Continues `followLog` after a restore of the database, and `takeOver` after an update. Run by the cron.
 */
export async function followArchive(ctx: Archiving & Pick<Context, 'sendEvents'>): Promise<void> {
  const log = await findLog(ctx)
  if (log === undefined) return
  await takeOver(ctx, log.head)
  await followLog(ctx, log, FOLLOWED_AT_ONCE)
}

export interface Followed {
  /** Whether all segments have been read, so that the rows of all events name theirs. */
  readonly isComplete: boolean
  /** The segments of the events that were read. */
  readonly read: ReadonlyMap<string, number>
}

/**
 * Marks the rows of events that are in segments which the database does not know, because it was restored to
 * an earlier time. Reads the segments one after the other. Every step can be repeated.
 * @param limit the most segments to read; each takes two calls
 */
export async function followLog(ctx: Archiving, log: OpenLog, limit: number): Promise<Followed> {
  const { head, nameKey, stored } = log
  const first = head.started.sequence
  const from = Math.min(Math.max(stored?.followed ?? first, first), head.sequence)
  if (stored?.checkpoint !== head.checkpoint || stored.followed === null) await catchUp(ctx, log, from)
  const read = new Map<string, number>()
  if (from === head.sequence) return { isComplete: true, read }
  const findKey = knownKeys(ctx)
  const to = Math.min(from + limit, head.sequence)
  let previous: string | undefined
  for (let sequence = from + 1; sequence <= to; sequence++) {
    const text = (await ctx.archive.read(segmentPath(nameKey, sequence))) ?? ''
    const found = await openSegment(text, findKey)
    const continues = previous === undefined || found?.segment.header.previous === previous
    const isSound = found?.head.sequence === sequence && continues
    // An attacker who can write the archive may have destroyed a segment. The others are still followed.
    if (!isSound) await raiseAlarm(ctx, found === undefined ? 'archive_disagreement' : 'archive_forked')
    const ids = isSound ? found.segment.lines.map(({ id }) => id) : []
    for (const id of ids) read.set(id, sequence)
    await ctx.db.batch({
      archived: isSound ? markArchived(ids, sequence, ctx.now) : undefined,
      followed: sql`
        UPDATE log_head SET ${assignments(logHead, { followed: sequence })} WHERE followed = ${sequence - 1}`,
    })
    previous = found?.head.hash
  }
  return { isComplete: to === head.sequence, read }
}

/** Makes the head the newest segment of the database, without marking rows. */
async function catchUp({ db, now }: Archiving, { head, stored }: OpenLog, followed: number): Promise<void> {
  await db.batch({
    advanced: moveHead(head, { now, stored: stored?.checkpoint ?? null, followed }),
    followed: sql`
      UPDATE log_head SET ${assignments(logHead, { followed })}
      WHERE checkpoint = ${head.checkpoint} AND (typeof(followed) <> 'integer' OR followed NOT BETWEEN 0 AND ${head.sequence})`,
  })
}
