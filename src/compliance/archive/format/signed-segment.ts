import { type LogHead, verifyLogHead } from './log-head.ts'
import { hashSegment, headAfter, parseSegment, type Segment } from './segment.ts'
import type { FindKey } from './signed-head.ts'

/** A segment whose checkpoint holds, and the head that it makes. */
export interface SignedSegment {
  readonly segment: Segment
  readonly head: LogHead
}

/**
 * Reads a segment of format 2 and checks its checkpoint.
 * @returns undefined if any part is wrong
 * @throws what `findKey` throws
 */
export async function openSegment(text: string, findKey: FindKey): Promise<SignedSegment | undefined> {
  const segment = parseSegment(text)
  const head = segment && (await verifyLogHead(segment.checkpoint, findKey))
  if (segment === undefined || head === undefined) return undefined
  const { sequence, hash, eventCount } = headAfter(segment.header, await hashSegment(text))
  const isOwn = head.sequence === sequence && head.hash === hash && head.eventCount === eventCount
  return isOwn && head.createdAtMs === segment.header.created_at ? { segment, head } : undefined
}
