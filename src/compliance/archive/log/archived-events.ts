import { sql } from 'drizzle-orm'
import type { Archiving } from '../../../context.ts'
import { DAY_MS, HOUR_MS } from '../../../core/time.ts'
import type { Row } from '../../../storage/database/members.ts'
import { columnsOf, computed, withRows } from '../../../storage/database/rows.ts'
import type { Statement } from '../../../storage/database/statement.ts'
import { auditEvents } from '../../../storage/schema/index.ts'
import { raiseAlarm } from '../../alarms/raise-alarm.ts'
import { segmentPath } from '../format/segment-path.ts'
import { openSegment } from '../format/signed-segment.ts'
import { knownKeys } from '../keys/log-signers.ts'
import type { Followed } from './follow-log.ts'
import type { AcceptedEvent } from './judge-event.ts'
import type { OpenLog } from './open-log.ts'

interface Sorted {
  /** In the order of their ids. */
  readonly fresh: readonly AcceptedEvent[]
  /** Events in segments that a restored database did not know, and whose rows it lost. */
  readonly lost: readonly AcceptedEvent[]
  /** Events that may be in a segment which the rows of a restored database do not name yet. */
  readonly later: readonly AcceptedEvent[]
}

/** The clocks of two isolates differ by less. */
const CLOCK_MS = HOUR_MS / 12

/**
 * An event that may be in a segment which was not followed yet waits at most so long, and may then stand in
 * two segments. Otherwise an attacker who can write the database could set back again and again how far the
 * segments were followed, until the queue gives up on the event.
 */
const WAITS_MS = 6 * HOUR_MS

/**
 * Decides which events are not archived yet. The database only says where to look: a segment that does not
 * contain an event shows that an attacker or a fault changed the row, and then the event is archived.
 */
export async function sortEvents(
  ctx: Archiving,
  log: OpenLog,
  { events, followed }: { readonly events: readonly AcceptedEvent[]; readonly followed: Followed },
): Promise<Sorted> {
  const rows = await ctx.db.all(selectKnown(events.map(({ event }) => event.id)))
  const known = new Map(rows.map((row) => [row.id, row]))
  const contains = segmentReader(ctx, log)
  const sorted = { fresh: [] as AcceptedEvent[], lost: [] as AcceptedEvent[], later: [] as AcceptedEvent[] }
  for (const accepted of events) {
    const row = known.get(accepted.event.id)
    if (followed.read.has(accepted.event.id)) {
      if (row === undefined) sorted.lost.push(accepted)
      continue
    }
    if (await isArchived(ctx, log, { accepted, row, contains })) continue
    const mayBeAhead = !followed.isComplete && accepted.event.occurred_at <= log.head.createdAtMs + CLOCK_MS
    const waits = mayBeAhead && ctx.now < accepted.event.occurred_at + WAITS_MS
    sorted[waits ? 'later' : 'fresh'].push(accepted)
  }
  if (sorted.later.length > 0) await raiseAlarm(ctx, 'archive_disagreement')
  sorted.fresh.sort((a, b) => (a.event.id < b.event.id ? -1 : 1))
  return sorted
}

interface Candidate {
  readonly accepted: AcceptedEvent
  readonly row: KnownEvent | undefined
  readonly contains: (sequence: number, id: string) => Promise<boolean>
}

async function isArchived(ctx: Archiving, { head }: OpenLog, { accepted, row, contains }: Candidate): Promise<boolean> {
  const { id, occurred_at } = accepted.event
  // A row is deleted only after its event was archived. A recent event without a row was lost by a restore.
  // An event that an operator archives late was never archived.
  if (row === undefined) return !accepted.isLate && occurred_at <= ctx.now - ctx.settings.AUDIT_HOT_DAYS * DAY_MS
  const { archived_in, archived_at } = row
  if (archived_in !== null && archived_in > 0) {
    if (await contains(archived_in, id)) return true
    await raiseAlarm(ctx, 'archive_disagreement')
    return false
  }
  // Format 1. Its last run came before the first segment of format 2.
  const { atMs } = head.started
  return archived_in === null && archived_at !== null && occurred_at < atMs && archived_at < atMs
}

/** Reads each segment once. */
function segmentReader(ctx: Archiving, { nameKey }: OpenLog): Candidate['contains'] {
  const findKey = knownKeys(ctx)
  const read = new Map<number, ReadonlySet<string>>()
  return async (sequence, id) => {
    const ids = read.get(sequence) ?? (await readIds(sequence))
    read.set(sequence, ids)
    return ids.has(id)
  }

  async function readIds(sequence: number): Promise<ReadonlySet<string>> {
    const text = await ctx.archive.read(segmentPath(nameKey, sequence))
    const found = text === undefined ? undefined : await openSegment(text, findKey)
    return new Set(found?.head.sequence === sequence ? found.segment.lines.map((line) => line.id) : [])
  }
}

const knownEvent = {
  id: auditEvents.id,
  archived_in: computed.countOrNull(sql`archived_in`),
  archived_at: computed.countOrNull(sql`archived_at`),
} as const

type KnownEvent = Row<typeof knownEvent>

const selectKnown = (ids: readonly string[]): Statement<KnownEvent> =>
  withRows(
    knownEvent,
    sql`
      SELECT ${columnsOf(knownEvent)} FROM audit_events
      WHERE id IN (SELECT value FROM json_each(${JSON.stringify(ids)}))`,
  )
