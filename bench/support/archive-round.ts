import { randomBytes } from 'node:crypto'
import type { ArchivedEvent } from '../../src/compliance/archive/format/old-segment.ts'
import { type Round, untilQuiet } from './measure.ts'
import type { ServedWorker } from './serve.ts'
import { processorMs } from './workerd-process.ts'

const BATCH = 100
const BATCHES = 10
const POLL_MS = 20
const LIMIT_MS = 60_000

/**
 * Sends a thousand events to the queue as the service does, and waits until the archive has all of them. The
 * events are in the database before, as in the service.
 */
export async function measureArchive(worker: ServedWorker): Promise<Round> {
  const batches = Array.from({ length: BATCHES }, () => Array.from({ length: BATCH }, newEvent))
  const db = await worker.miniflare.getD1Database('DB')
  for (const events of batches) await store(db, events)
  await untilQuiet(worker)
  const queue = await worker.miniflare.getQueueProducer<ArchivedEvent>('AUDIT_QUEUE')
  const wanted = (await archivedCount(db)) + BATCH * BATCHES
  const cpuBefore = processorMs([worker.pid])
  const begun = performance.now()
  for (const events of batches) await queue.sendBatch(events.map((body) => ({ body })))
  while ((await archivedCount(db)) < wanted) {
    if (performance.now() - begun > LIMIT_MS) throw new Error('the events were not archived in time')
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
  const elapsedMs = performance.now() - begun
  const completed = BATCH * BATCHES
  return {
    perSecond: (completed / elapsedMs) * 1000,
    p50Ms: Number.NaN,
    p99Ms: Number.NaN,
    cpuMs: (processorMs([worker.pid]) - cpuBefore) / completed,
    completed,
    failed: 0,
    errors: [],
  }
}

/** An event as a sign-in records it, with details as long as an encrypted address and device. */
function newEvent(): ArchivedEvent {
  const now = Date.now()
  const time = now.toString(16).padStart(12, '0')
  const rest = randomBytes(8).toString('hex')
  const user = crypto.randomUUID()
  return {
    id: `${time.slice(0, 8)}-${time.slice(8)}-7${rest.slice(0, 3)}-8${rest.slice(3, 6)}-${rest.slice(4)}`,
    occurred_at: now,
    action: 'session.started',
    outcome: 'success',
    actor_type: 'user',
    actor_id: user,
    subject_id: user,
    request_id: crypto.randomUUID(),
    detail: '{"amr":["pwd"]}',
    pii_enc: `v1.${randomBytes(12).toString('base64url')}.${randomBytes(160).toString('base64url')}`,
  }
}

type Database = Awaited<ReturnType<ServedWorker['miniflare']['getD1Database']>>

async function store(db: Database, events: readonly ArchivedEvent[]): Promise<void> {
  const columns = Object.keys(newEvent())
  const values = columns.map((name) => `value ->> '${name}'`)
  const insert = `INSERT INTO audit_events (${columns}, sent_at) SELECT ${values}, ?2 FROM json_each(?1)`
  await db.prepare(insert).bind(JSON.stringify(events), Date.now()).run()
}

async function archivedCount(db: Database): Promise<number> {
  const row = await db.prepare('SELECT checkpoint FROM log_head').first<{ checkpoint: string }>()
  const payload = row?.checkpoint.split('.')[1]
  return payload === undefined ? 0 : JSON.parse(Buffer.from(payload, 'base64url').toString()).event_count
}
