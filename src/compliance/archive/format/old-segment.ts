import * as z from 'zod'
import { parseJson } from '../../../core/json.ts'
import { LATEST_TIME_MS } from '../../../storage/database/outbox-columns.ts'

/** An event, as format 1 of the archive stores it: pseudonyms, codes and ciphertext. */
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

const oldHeaderSchema = z.strictObject({
  format: z.literal('latchkey-audit/1'),
  /** 1, 2, 3, … without a gap. */
  sequence: z.number().int().min(1),
  /** SHA-256 of the previous segment's bytes, hexadecimal; 64 zeros before the first. */
  previous: z.string().regex(/^[0-9a-f]{64}$/),
  /** Number of event lines. */
  count: z.number().int().min(1),
  created_at: z.number().int(),
})

/** A segment of format 1, which no version writes any more. */
export interface OldSegment {
  readonly header: z.infer<typeof oldHeaderSchema>
  readonly events: readonly ArchivedEvent[]
}

/** Reads a segment of format 1. @returns undefined when a line has another form, or `count` is wrong */
export function parseOldSegment(text: string): OldSegment | undefined {
  const [first = '', ...lines] = text.endsWith('\n') ? text.slice(0, -1).split('\n') : []
  const header = oldHeaderSchema.safeParse(parseJson(first))
  const events = archivedEventsSchema.safeParse(lines.map(parseJson))
  if (!header.success || !events.success || events.data.length !== header.data.count) return undefined
  return { header: header.data, events: events.data }
}

/**
 * The lines of the events of a segment of format 1, as they are in its text: all after the header. They are
 * the leaves of the log. They cannot be formatted again, because format 1 does not define how a value is
 * written.
 */
export const oldEventLinesIn = (text: string): string[] => text.slice(0, -1).split('\n').slice(1)

/** Takes the name of the next segment of format 1, so that no version continues that chain. */
export const CLOSING_OBJECT = `${JSON.stringify({ format: 'latchkey-audit/closed', continued_in: 'latchkey-audit/2' })}\n`

/** Whether a text is the object that closes the chain of format 1. */
export const isClosing = (text: string): boolean => text === CLOSING_OBJECT
