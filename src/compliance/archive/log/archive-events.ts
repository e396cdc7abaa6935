import type { Archiving } from '../../../context.ts'
import type { LogHead } from '../format/log-head.ts'
import type { SignedSegment } from '../format/signed-segment.ts'
import { type EventLine, toLines } from '../lines/to-lines.ts'
import { advanceLog, restoreEvents } from './advance-log.ts'
import { appendSegment } from './append-segment.ts'
import { sortEvents } from './archived-events.ts'
import { followLog } from './follow-log.ts'
import type { AcceptedEvent } from './judge-event.ts'
import { type OpenLog, openLog } from './open-log.ts'

/** Segments of a restored database that one batch follows. The cron follows the others. */
const FOLLOWED = 20

/** Segments of other runs that one run adopts. The next run continues. */
const MAX_ADOPTIONS = 50

interface ArchivedEvents {
  /** Events that must be delivered again. */
  readonly again: readonly AcceptedEvent[]
  readonly end: Pick<OpenLog, 'head' | 'nameKey'>
  /** The segments that this run has written or adopted. */
  readonly written: readonly SignedSegment[]
}

/**
 * Appends events to the archive. Each event is archived exactly once, however often the queue delivers it.
 *
 * The order of writes is segment, database, mark in the vault. A crash in between leaves a segment after the
 * head. The next run finds that its name is taken, checks its signature, adopts it, and archives the
 * remaining events.
 * @returns the events that must be delivered again, and the new end of the archive
 * @throws BrokenArchiveError, or the error of a store that does not answer; then no message may be
 * acknowledged
 */
export async function archiveEvents(ctx: Archiving, incoming: readonly AcceptedEvent[]): Promise<ArchivedEvents> {
  const events = onlyBest(incoming)
  const log = await openLog(ctx)
  const followed = await followLog(ctx, log, FOLLOWED)
  const { fresh, lost, later } = await sortEvents(ctx, log, { events, followed })
  await restoreEvents(ctx, lost, followed.read)
  const { lines, retry } = await toLines(ctx, fresh)
  const { head, left, written } = await appendAll(ctx, log, { lines, events })
  if (log.mark?.checkpoint !== head.checkpoint) await ctx.logVault.writeMark(head.checkpoint, log.mark)
  const again = [...later, ...retry, ...events.filter(({ event }) => left.has(event.id))]
  return { again, end: { head, nameKey: log.nameKey }, written }
}

/**
 * One of each event: that of whose parts the most are sealed. An attacker who can write the queue could
 * otherwise displace an event by a copy without a seal.
 */
function onlyBest(incoming: readonly AcceptedEvent[]): AcceptedEvent[] {
  const worstFirst = incoming.toSorted((a, b) => unsealedParts(b) - unsealedParts(a))
  return [...new Map(worstFirst.map((accepted) => [accepted.event.id, accepted])).values()]
}

const unsealedParts = ({ isUnsealed, fromDatabase }: AcceptedEvent): number =>
  isUnsealed ? Number.POSITIVE_INFINITY : fromDatabase.length

interface Appended {
  readonly head: LogHead
  /** Ids of events that are not archived yet. */
  readonly left: ReadonlySet<string>
  readonly written: readonly SignedSegment[]
}

async function appendAll(
  ctx: Archiving,
  { head: start, nameKey }: OpenLog,
  { lines, events }: { readonly lines: readonly EventLine[]; readonly events: readonly AcceptedEvent[] },
): Promise<Appended> {
  const segments: SignedSegment[] = []
  let head = start
  let left = lines
  while (left.length > 0 && segments.length <= MAX_ADOPTIONS) {
    const next = await appendSegment(ctx, { head, nameKey }, left)
    await advanceLog(ctx, { ...next, stored: head.checkpoint, events })
    segments.push(next)
    head = next.head
    const archived = new Set(next.segment.lines.map(({ id }) => id))
    left = left.filter(({ id }) => !archived.has(id))
  }
  return { head, left: new Set(left.map(({ id }) => id)), written: segments }
}
