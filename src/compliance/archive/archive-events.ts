import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { DAY_MS, rfc3339 } from '../../core/time.ts'
import type { Row } from '../../storage/database/members.ts'
import { columnsOf, withRows } from '../../storage/database/rows.ts'
import type { Statement } from '../../storage/database/statement.ts'
import { assignments, excluded, insertInto, onConflict } from '../../storage/database/writes.ts'
import { archiveHead, auditEvents } from '../../storage/schema/index.ts'
import { selectHead } from './read-head.ts'
import {
  type ArchivedEvent,
  type ChainHead,
  checkpointPath,
  formatSegment,
  GENESIS,
  hashSegment,
  headAfter,
  parseSegment,
  receiptKeyPath,
  type Segment,
  segmentPath,
} from './segment.ts'

type Dependencies = Pick<Context, 'db' | 'archive' | 'receipts' | 'settings' | 'now'>

/** The segment after the head does not continue the chain, so this service did not write it. */
class BrokenChainError extends Error {
  constructor() {
    super('the next segment does not continue the chain')
    this.name = 'BrokenChainError'
  }
}

/**
 * The most segments that one run adopts. After a database restore there may be more; the next run continues.
 */
const MAX_ADOPTIONS = 50

/**
 * Appends events to the archive. Each event is archived exactly once, however often the queue delivers it.
 *
 * The order of writes is segment, checkpoint, database. A crash in between leaves a segment after the head.
 * The next run finds that the name is taken, checks that the segment continues the chain, adopts it, and
 * archives the remaining events.
 * @throws BrokenChainError, or the error of a store that does not answer; then no message may be acknowledged
 */
export async function archiveEvents(ctx: Dependencies, incoming: readonly ArchivedEvent[]): Promise<void> {
  for (let adopted = 0; adopted <= MAX_ADOPTIONS; adopted++) {
    const { head, fresh } = await readState(ctx, incoming)
    if (fresh.length === 0) return
    const text = formatSegment(head, fresh, ctx.now)
    if (await ctx.archive.create(segmentPath(head.sequence + 1), text)) return append(ctx, head, text)
    await adopt(ctx, head)
  }
  throw new Error('the archive is too far ahead of the database; the next run continues')
}

/**
 * Reads the head of the archive, and which of the events are not archived yet: without duplicates, ordered by
 * id. Both are read in one transaction. With a head newer than the list of known events, an event could be
 * archived twice.
 */
async function readState({ db, settings, now }: Dependencies, incoming: readonly ArchivedEvent[]) {
  const byId = new Map(incoming.map((event) => [event.id, event]))
  const {
    head: [head = GENESIS],
    known,
  } = await db.batch({ head: selectHead, known: selectKnown([...byId.keys()]) })
  const archived = new Set(known.filter((row) => row.archived_at !== null).map(({ id }) => id))
  const present = new Set(known.map(({ id }) => id))
  // An event is deleted from the database only after it was archived. A recent event that is missing was lost
  // by a database restore.
  const oldestHot = now - settings.AUDIT_HOT_DAYS * DAY_MS
  const isFresh = ({ id, occurred_at }: ArchivedEvent) =>
    !archived.has(id) && (present.has(id) || occurred_at > oldestHot)
  return { head, fresh: [...byId.values()].filter(isFresh).sort((a, b) => (a.id < b.id ? -1 : 1)) }
}

const knownEvent = { id: auditEvents.id, archived_at: auditEvents.archivedAt } as const

const selectKnown = (ids: readonly string[]): Statement<Row<typeof knownEvent>> =>
  withRows(
    knownEvent,
    sql`
      SELECT ${columnsOf(knownEvent)} FROM audit_events
      WHERE id IN (SELECT value FROM json_each(${JSON.stringify(ids)}))`,
  )

/** Adopts the segment that an earlier run wrote before it was cut off. */
async function adopt(ctx: Dependencies, head: ChainHead): Promise<void> {
  const text = await ctx.archive.read(segmentPath(head.sequence + 1))
  if (text !== undefined) await append(ctx, head, text)
}

async function append(ctx: Dependencies, previous: ChainHead, text: string): Promise<void> {
  const segment = parseSegment(text)
  if (segment?.header.sequence !== previous.sequence + 1 || segment.header.previous !== previous.hash) {
    throw new BrokenChainError()
  }
  const head = headAfter(previous, segment, await hashSegment(text))
  await signHead(ctx, head)
  await advance(ctx, head, segment)
}

/** The run that was cut off may have created either object already. */
async function signHead(
  { archive, receipts, now }: Dependencies,
  { sequence, hash, eventCount }: ChainHead,
): Promise<void> {
  const { kid } = receipts.publicKey
  const payload = { sequence, hash, event_count: eventCount, created_at: rfc3339(now) }
  await archive.create(receiptKeyPath(kid), JSON.stringify(receipts.publicKey))
  await archive.create(checkpointPath(sequence), await receipts.sign('latchkey-checkpoint+jws', payload))
}

async function advance({ db, now }: Dependencies, head: ChainHead, { events }: Segment): Promise<void> {
  const rows = JSON.stringify(events)
  await db.batch({
    advanced: moveHead(head, now),
    returned: insertReturned(rows),
    archived: sql`
      UPDATE audit_events
      SET ${assignments(auditEvents, { archived_at: now, sent_at: sql`coalesce(${auditEvents.sentAt}, ${now})` })}
      WHERE archived_at IS NULL AND id IN (SELECT value ->> 'id' FROM json_each(${rows}))`,
  })
}

const moveHead = ({ sequence, hash, eventCount }: ChainHead, now: number): SQL => sql`
  ${insertInto(archiveHead, { id: 1, sequence, hash, event_count: eventCount, advanced_at: now })}
  ${onConflict(
    [archiveHead.id],
    assignments(archiveHead, {
      sequence: excluded(archiveHead.sequence),
      hash: excluded(archiveHead.hash),
      event_count: excluded(archiveHead.eventCount),
      advanced_at: excluded(archiveHead.advancedAt),
    }),
  )}
  WHERE ${archiveHead.sequence} = ${excluded(archiveHead.sequence)} - 1`

/** Inserts events that a restored database has lost, so that they are known as archived. */
const insertReturned = (rows: string): SQL => sql`
  ${insertInto(
    auditEvents,
    {
      id: sql`value ->> 'id'`,
      occurred_at: sql`value ->> 'occurred_at'`,
      action: sql`value ->> 'action'`,
      outcome: sql`value ->> 'outcome'`,
      actor_type: sql`value ->> 'actor_type'`,
      actor_id: sql`value ->> 'actor_id'`,
      subject_id: sql`value ->> 'subject_id'`,
      request_id: sql`value ->> 'request_id'`,
      detail: sql`value ->> 'detail'`,
      pii_enc: sql`value ->> 'pii_enc'`,
    },
    { from: sql`json_each(${rows})` },
  )}
  ON CONFLICT DO NOTHING`
