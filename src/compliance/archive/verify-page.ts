import type { Context } from '../../context.ts'
import { createSegmentSource } from './archive-source.ts'
import type { ChainFinding } from './chain-finding.ts'
import { type ChainHead, GENESIS } from './segment.ts'
import type { SegmentSource } from './segment-source.ts'
import { verifySignedHead } from './signed-head.ts'
import { verifyRange } from './verify-chain.ts'

export interface PageToVerify {
  /** What the database says of the newest segment. */
  readonly head: ChainHead
  /** Number of the segment before the first one to check; at most that of the head. */
  readonly after: number
  readonly limit: number
}

/** What was checked, and what is wrong with it. */
export interface VerifiedPage {
  /** The first segment checked. Above `to` when there was none. */
  readonly from: number
  readonly to: number
  readonly events: number
  readonly unsignedTail: boolean
  readonly finding: ChainFinding | undefined
}

/**
 * Verifies a few segments, as many as a Worker may read at once: that they continue the signed head before
 * them, that their own heads are signed, and that the newest one is what the database says. What came before
 * is the business of the pages before; only `latchkey audit verify` sees all of it in one go.
 * @throws TimeLimitError
 */
export async function verifyPage(
  { archive }: Pick<Context, 'archive'>,
  { head, after, limit }: PageToVerify,
): Promise<VerifiedPage> {
  const to = Math.min(after + limit, head.sequence)
  const nothing = { from: after + 1, to, events: 0, unsignedTail: false }
  const source = createSegmentSource({ read: (path) => archive.readBytes(path), list: listNothing })
  const start = after === 0 ? GENESIS : await readSignedHead(source, after)
  if (start === undefined) return { ...nothing, finding: unsigned(after) }
  const verdict = await verifyRange(source, start, to)
  if (!verdict.ok) return { ...nothing, finding: verdict.finding }
  const finding = to === head.sequence && verdict.head.hash !== head.hash ? rewritten(to) : undefined
  const events = verdict.head.eventCount - start.eventCount
  return { ...nothing, events, unsignedTail: verdict.unsignedTail, finding }
}

async function readSignedHead(source: SegmentSource, sequence: number): Promise<ChainHead | undefined> {
  const checkpoint = await source.readCheckpoint(sequence)
  const signed = checkpoint && (await verifySignedHead(checkpoint, source.findKey))
  if (signed?.head.sequence !== sequence) return undefined
  return { sequence, hash: signed.head.hash, eventCount: signed.head.event_count }
}

const unsigned = (sequence: number): ChainFinding => ({
  kind: 'forged-head',
  sequence,
  message: `segment ${sequence} has no checkpoint that a key here signed`,
})

const rewritten = (sequence: number): ChainFinding => ({
  kind: 'rewritten',
  sequence,
  message: `segment ${sequence} is not the one that the database names`,
})

/**
 * How far the archive goes is what the database says: counting names would take a call for every thousand.
 */
async function* listNothing(): AsyncGenerator<string> {}
