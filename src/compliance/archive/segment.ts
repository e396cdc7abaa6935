import * as z from 'zod'
import { parseJson } from '../../core/json.ts'

/** An event as it travels to the archive and stays there: pseudonyms, codes and ciphertext. */
export const archivedEventSchema = z.strictObject({
  /** UUID v7. */
  id: z.string(),
  /** Unix milliseconds. */
  occurred_at: z.number().int(),
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

/** Where the chain stands: its newest segment. */
export interface ChainHead {
  readonly sequence: number
  readonly hash: string
  /** Events in all segments up to this one. */
  readonly eventCount: number
}

/** The head of an empty chain. */
export const GENESIS: ChainHead = { sequence: 0, hash: '0'.repeat(64), eventCount: 0 }

const SEQUENCE_DIGITS = 12

/** Where a segment lies in the archive; names sort as the chain goes. */
export const segmentPath = (sequence: number): string => `audit/${padded(sequence)}.ndjson`

/** Where the signed head after a segment lies. */
export const checkpointPath = (sequence: number): string => `checkpoints/${padded(sequence)}.jws`

/** Where the public half of a receipt key lies; `kid` is its RFC 7638 thumbprint. */
export const receiptKeyPath = (kid: string): string => `receipt-keys/${kid}.json`

/** A header line, then an event a line. @param events at least one */
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

/**
 * Reads a segment; undefined when a line is not what `formatSegment` writes, or their number is not `count`.
 */
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
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** The head of the chain after a segment has been appended. */
export const headAfter = (previous: ChainHead, { header }: Segment, hash: string): ChainHead => ({
  sequence: header.sequence,
  hash,
  eventCount: previous.eventCount + header.count,
})

const padded = (sequence: number): string => String(sequence).padStart(SEQUENCE_DIGITS, '0')
