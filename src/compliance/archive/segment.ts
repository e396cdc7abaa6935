import * as z from 'zod'
import { parseJson } from '../../core/json.ts'
import { toHex } from '../../crypto/encoding.ts'
import { LATEST_TIME_MS } from '../../storage/database/outbox-columns.ts'

/** An event, as it is sent to the archive and stored there: pseudonyms, codes and ciphertext. */
export const archivedEventSchema = z.strictObject({
  /** UUID v7. */
  id: z.string(),
  /** Unix milliseconds. */
  occurred_at: z.number().int().min(0).max(LATEST_TIME_MS),
  action: z.string(),
  outcome: z.enum(['success', 'failure']),
  actor_type: z.enum(['anonymous', 'user', 'system']),
  actor_id: z.string().nullable(),
  subject_id: z.string().nullable(),
  request_id: z.string(),
  /** JSON text: codes and counts. */
  detail: z.string().nullable(),
  /** Address and device under the subject's key, or under the month's system key. */
  pii_enc: z.string().nullable(),
})
export type ArchivedEvent = z.infer<typeof archivedEventSchema>

const archivedEventsSchema = z.array(archivedEventSchema)

export const segmentHeaderSchema = z.strictObject({
  format: z.literal('latchkey-audit/1'),
  /** 1, 2, 3, … without a gap. */
  sequence: z.number().int().min(1),
  /** SHA-256 of the previous segment's bytes, hexadecimal; 64 zeros before the first. */
  previous: z.string().regex(/^[0-9a-f]{64}$/),
  /** Number of event lines. */
  count: z.number().int().min(1),
  created_at: z.number().int(),
})
export type SegmentHeader = z.infer<typeof segmentHeaderSchema>

export interface Segment {
  readonly header: SegmentHeader
  readonly events: readonly ArchivedEvent[]
}

/** The end of the chain: its newest segment. */
export interface ChainHead {
  readonly sequence: number
  readonly hash: string
  /** Events in all segments up to this one. */
  readonly eventCount: number
}

/** The head of an empty chain. */
export const GENESIS: ChainHead = { sequence: 0, hash: '0'.repeat(64), eventCount: 0 }

const SEQUENCE_DIGITS = 12

/** The path of a segment in the archive. Paths sort in the order of the chain. */
export const segmentPath = (sequence: number): string => `audit/${padded(sequence)}.ndjson`

/** The path of the signed head (checkpoint) of a segment. */
export const checkpointPath = (sequence: number): string => `checkpoints/${padded(sequence)}.jws`

/** The path of the public half of a receipt key. `kid` is its RFC 7638 thumbprint. */
export const receiptKeyPath = (kid: string): string => `receipt-keys/${kid}.json`

/** Writes a header line, then one line for each event. @param events at least one */
export function formatSegment(previous: ChainHead, events: readonly ArchivedEvent[], nowMs: number): string {
  const header: SegmentHeader = {
    format: 'latchkey-audit/1',
    sequence: previous.sequence + 1,
    previous: previous.hash,
    count: events.length,
    created_at: nowMs,
  }
  return [header, ...events].map((line) => `${JSON.stringify(line)}\n`).join('')
}

/** Reads a segment. @returns undefined when a line is not what `formatSegment` writes, or `count` is wrong */
export function parseSegment(text: string): Segment | undefined {
  const [first = '', ...lines] = text.endsWith('\n') ? text.slice(0, -1).split('\n') : []
  const header = segmentHeaderSchema.safeParse(parseJson(first))
  const events = archivedEventsSchema.safeParse(lines.map(parseJson))
  if (!header.success || !events.success || events.data.length !== header.data.count) return undefined
  return { header: header.data, events: events.data }
}

/** SHA-256 of a segment's bytes, hexadecimal. */
export async function hashSegment(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
  return toHex(digest)
}

/** The head of the chain after a segment has been appended. */
export const headAfter = (previous: ChainHead, { header }: Segment, hash: string): ChainHead => ({
  sequence: header.sequence,
  hash,
  eventCount: previous.eventCount + header.count,
})

const padded = (sequence: number): string => String(sequence).padStart(SEQUENCE_DIGITS, '0')
