import * as z from 'zod'
import { parseJson } from '../../../core/json.ts'
import { LATEST_TIME_MS } from '../../../storage/database/outbox-columns.ts'
import type { EventLine } from '../lines/to-lines.ts'
import { type ChainHead, hashText } from './chain-head.ts'

/** A line of `toLines`. The order of the members is part of the format. */
const lineSchema: z.ZodType<EventLine> = z.strictObject({
  id: z.string(),
  occurred_at: z.number().int().min(0).max(LATEST_TIME_MS),
  action: z.string(),
  outcome: z.enum(['success', 'failure']),
  actor_type: z.enum(['anonymous', 'user', 'system']),
  actor_id: z.string().nullable(),
  subject_id: z.string().nullable(),
  request_id: z.string(),
  detail: z.string().nullable(),
  note_enc: z.string().nullable(),
  nonce: z.string(),
  from_database: z.array(z.string()).min(1).exactOptional(),
  unsealed: z.literal(true).exactOptional(),
  late: z.literal(true).exactOptional(),
})

const headerSchema = z.strictObject({
  format: z.literal('latchkey-audit/2'),
  /** 1, 2, 3, … without a gap. The first segment of format 2 continues the count of format 1. */
  sequence: z.number().int().min(1),
  /** Hash of the previous segment, hexadecimal; 64 zeros before the first. */
  previous: z.string().regex(/^[0-9a-f]{64}$/),
  /** Number of events in all segments before this one. */
  first: z.number().int().min(0),
  /** Number of event lines. */
  count: z.number().int().min(1),
  /** Unix milliseconds; never before that of the previous segment. */
  created_at: z.number().int().min(0).max(LATEST_TIME_MS),
  /** `ISSUER` of the service that wrote the segment. */
  origin: z.string(),
})
export type SegmentHeader = z.infer<typeof headerSchema>

const proofSchema = z.strictObject({
  /** Compact JWS over the hash of everything before this line. */
  checkpoint: z.string(),
})

/** What the checkpoint of a segment signs. */
export interface SegmentBody {
  readonly header: SegmentHeader
  /** In the order of their ids. */
  readonly lines: readonly EventLine[]
}

export interface Segment extends SegmentBody {
  readonly checkpoint: string
}

const lineOf = (value: object): string => `${JSON.stringify(value)}\n`

/** The bytes that the checkpoint of a segment signs: the header and the events, one a line. */
export const formatBody = ({ header, lines }: SegmentBody): string => [header, ...lines].map(lineOf).join('')

/** The bytes of a segment: its body, and a last line with the checkpoint. */
export const formatSegment = (segment: Segment): string =>
  formatBody(segment) + lineOf({ checkpoint: segment.checkpoint })

/**
 * Reads a segment. A text has one reading: a duplicate member, white space, another order of members or
 * another way to write a number make it invalid.
 * @returns undefined when the text is not what `formatSegment` writes, or the lines are not sorted and
 * counted
 */
export function parseSegment(text: string): Segment | undefined {
  const [first = '', ...rest] = text.slice(0, -1).split('\n')
  const proof = proofSchema.safeParse(parseJson(rest.pop() ?? ''))
  const header = headerSchema.safeParse(parseJson(first))
  const lines = z.array(lineSchema).safeParse(rest.map(parseJson))
  if (!proof.success || !header.success || !lines.success) return undefined
  const segment = { header: header.data, lines: lines.data, checkpoint: proof.data.checkpoint }
  return isOrderly(segment) && formatSegment(segment) === text ? segment : undefined
}

const isOrderly = ({ header, lines }: Segment): boolean =>
  lines.length === header.count && lines.every(({ id }, i) => i === 0 || (lines[i - 1]?.id ?? '') < id)

/**
 * The lines of the events of a segment, as they are in its text: those between the header and the line with
 * the checkpoint. They are the leaves of the log.
 */
export const eventLinesIn = (text: string): string[] => text.slice(0, -1).split('\n').slice(1, -1)

/** Everything before the last line of a text. */
export const bodyOf = (text: string): string => text.slice(0, text.lastIndexOf('\n', text.length - 2) + 1)

/** The hash of a segment, which its checkpoint and the header of the next segment hold, hexadecimal. */
export const hashSegment = (text: string): Promise<string> => hashText(bodyOf(text))

/** The head of the chain after a segment. */
export const headAfter = ({ sequence, first, count }: SegmentHeader, hash: string): ChainHead => ({
  sequence,
  hash,
  eventCount: first + count,
})
