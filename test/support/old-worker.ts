import { env } from 'cloudflare:workers'
import { type ChainHead, GENESIS, hashText, receiptKeyPath } from '../../src/compliance/archive/format/chain-head.ts'
import {
  type ArchivedEvent,
  archivedEventSchema,
  parseOldSegment,
} from '../../src/compliance/archive/format/old-segment.ts'
import { checkpointPath, oldSegmentPath } from '../../src/compliance/archive/format/segment-number.ts'
import { timePrefix } from '../../src/core/ids.ts'
import { jobContext } from './job-context.ts'
import { formatOldSegment, oldHeadPayload } from './old-archive.ts'
import { change } from './stores.ts'

/** What the consumer has just done. */
export type OldStep = 'read' | 'segment' | 'checkpoint' | 'database'

type AfterStep = (step: OldStep) => Promise<unknown>

const HOT_MS = 90 * 86_400_000
const MAX_ADOPTIONS = 50

/** An event as version 0.2.0 records and sends it. */
export const oldEvent = (atMs: number, subject: string | null = null): ArchivedEvent => ({
  id: `${timePrefix(atMs)}-7${crypto.randomUUID().slice(15)}`,
  occurred_at: atMs,
  action: 'user.signed_in',
  outcome: 'success',
  actor_type: subject === null ? 'anonymous' : 'user',
  actor_id: subject,
  subject_id: subject,
  request_id: crypto.randomUUID(),
  detail: null,
  pii_enc: null,
})

/** Inserts the rows of events as a request of version 0.2.0 does: without a seal. */
export const recordOld = (events: readonly ArchivedEvent[]) => insertRows(JSON.stringify(events))

/**
 * Delivers a batch to the consumer of version 0.2.0: the same reads and writes, in the same order.
 * @param after runs after each step, for what happens meanwhile
 * @returns whether the batch was acknowledged
 */
export async function deliverOld(messages: readonly unknown[], after: AfterStep = async () => 0): Promise<boolean> {
  try {
    const parsed = messages.map((body) => ({ body, event: archivedEventSchema.safeParse(body).data }))
    const others = parsed.filter(({ event }) => event === undefined).map(({ body }) => JSON.stringify(body))
    for (const body of others) {
      const id = crypto.randomUUID()
      await change(
        "INSERT INTO dead_letters (id, queue, body, received_at) VALUES (?, 'latchkey-audit', ?, ?)",
        id,
        body,
        Date.now(),
      )
    }
    const events = parsed.flatMap(({ event }) => event ?? [])
    if (events.length > 0) await archiveOld(events, Date.now(), after)
    return true
  } catch (error) {
    if (error instanceof OldWorkerError) return false
    throw error
  }
}

class OldWorkerError extends Error {}

async function archiveOld(incoming: readonly ArchivedEvent[], now: number, after: AfterStep): Promise<void> {
  for (let adopted = 0; adopted <= MAX_ADOPTIONS; adopted++) {
    const { head, fresh } = await readState(incoming, now)
    await after('read')
    if (fresh.length === 0) return
    const text = formatOldSegment(head, fresh, now)
    const path = oldSegmentPath(head.sequence + 1)
    if (await create(path, text)) {
      await after('segment')
      return append(head, text, { now, after })
    }
    const taken = await (await env.ARCHIVE.get(path))?.text()
    if (taken !== undefined) await append(head, taken, { now, after })
  }
  throw new OldWorkerError('too far ahead')
}

async function readState(incoming: readonly ArchivedEvent[], now: number) {
  const byId = new Map(incoming.map((event) => [event.id, event]))
  const select = env.DB.prepare('SELECT id, archived_at FROM audit_events WHERE id IN (SELECT value FROM json_each(?))')
  const [heads, known] = await env.DB.batch<Record<string, unknown>>([
    env.DB.prepare('SELECT sequence, hash, event_count AS eventCount FROM archive_head WHERE id = 1'),
    select.bind(JSON.stringify([...byId.keys()])),
  ])
  const rowOf = new Map(known?.results.map((row) => [row.id, row]))
  const isFresh = ({ id, occurred_at }: ArchivedEvent) =>
    rowOf.has(id) ? rowOf.get(id)?.archived_at === null : occurred_at > now - HOT_MS
  return {
    head: (heads?.results[0] as ChainHead | undefined) ?? GENESIS,
    fresh: [...byId.values()].filter(isFresh).sort((a, b) => (a.id < b.id ? -1 : 1)),
  }
}

const create = async (path: string, text: string): Promise<boolean> =>
  (await env.ARCHIVE.put(path, text, { onlyIf: { etagDoesNotMatch: '*' } })) !== null

interface Run {
  readonly now: number
  readonly after: AfterStep
}

async function append(previous: ChainHead, text: string, { now, after }: Run): Promise<void> {
  const segment = parseOldSegment(text)
  if (segment?.header.sequence !== previous.sequence + 1 || segment.header.previous !== previous.hash) {
    throw new OldWorkerError('the next segment does not continue the chain')
  }
  const { sequence, count } = segment.header
  const head = { sequence, hash: await hashText(text), eventCount: previous.eventCount + count }
  const { receipts } = await jobContext()
  await create(receiptKeyPath(receipts.publicKey.kid), JSON.stringify(receipts.publicKey))
  await create(checkpointPath(sequence), await receipts.sign('latchkey-checkpoint+jws', oldHeadPayload(head, now)))
  await after('checkpoint')
  await advance(head, segment.events, now)
  await after('database')
}

async function advance({ sequence, hash, eventCount }: ChainHead, events: readonly ArchivedEvent[], now: number) {
  const list = JSON.stringify(events)
  await env.DB.batch([
    env.DB.prepare(
      `INSERT INTO archive_head (id, sequence, hash, event_count, advanced_at) VALUES (1, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET sequence = excluded.sequence, hash = excluded.hash,
         event_count = excluded.event_count, advanced_at = excluded.advanced_at
       WHERE archive_head.sequence = excluded.sequence - 1`,
    ).bind(sequence, hash, eventCount, now),
    insertion(list),
    env.DB.prepare(
      `UPDATE audit_events SET archived_at = ?1, sent_at = coalesce(sent_at, ?1)
       WHERE archived_at IS NULL AND id IN (SELECT value ->> 'id' FROM json_each(?2))`,
    ).bind(now, list),
    env.DB.prepare(
      `INSERT INTO archive_places (user_id, sequence, archived_at)
       SELECT value ->> 'subject_id', ?1, ?2 FROM json_each(?3)
       WHERE value ->> 'subject_id' IS NOT NULL AND NOT EXISTS (
         SELECT 1 FROM erasures purge WHERE purge.user_id = value ->> 'subject_id' AND purge.started_at IS NOT NULL)
       ON CONFLICT DO NOTHING`,
    ).bind(sequence, now, list),
  ])
}

const insertRows = (list: string) => insertion(list).run()

const insertion = (list: string) =>
  env.DB.prepare(
    `INSERT INTO audit_events
       (id, occurred_at, action, outcome, actor_type, actor_id, subject_id, request_id, detail, pii_enc)
     SELECT value ->> 'id', value ->> 'occurred_at', value ->> 'action', value ->> 'outcome', value ->> 'actor_type',
       value ->> 'actor_id', value ->> 'subject_id', value ->> 'request_id', value ->> 'detail', value ->> 'pii_enc'
     FROM json_each(?) WHERE true
     ON CONFLICT DO NOTHING`,
  ).bind(list)
