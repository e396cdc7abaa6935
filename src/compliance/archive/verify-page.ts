import type { Context } from '../../context.ts'
import { createSegmentSource } from './archive-source.ts'
import type { ChainFinding } from './chain-finding.ts'
import { readKnownKeys } from './published-keys.ts'
import { type ChainHead, GENESIS } from './segment.ts'
import type { SegmentSource } from './segment-source.ts'
import { verifySignedHead } from './signed-head.ts'
import { verifyRange } from './verify-chain.ts'

export interface PageToVerify {
  /** The head of the archive, according to the database. */
  readonly head: ChainHead
  /** Number of the segment before the first one to check; at most that of the head. */
  readonly after: number
  readonly limit: number
}

/** The segments that were checked, and the first finding among them. */
export interface VerifiedPage {
  /** The first segment checked. Above `to` when no segment was left to check. */
  readonly from: number
  readonly to: number
  readonly events: number
  readonly unsignedTail: boolean
  readonly finding: ChainFinding | undefined
}

/**
 * Verifies as many segments as a Worker can read in one request. Checks that they continue the signed head
 * before them, that a key of this service signed their own heads, and that the newest segment is the head in
 * the database. A key in the archive alone is not a key of this service. Earlier segments are checked by
 * earlier pages; only `latchkey audit verify` checks the whole archive in one run.
 * @throws TimeLimitError
 */
export async function verifyPage(
  ctx: Pick<Context, 'archive' | 'receipts'>,
  { head, after, limit }: PageToVerify,
): Promise<VerifiedPage> {
  const to = Math.min(after + limit, head.sequence)
  const nothing = { from: after + 1, to, events: 0, unsignedTail: false }
  const keys = readKnownKeys(ctx)
  // When a segment cannot be read, no code waits for the keys.
  keys.catch(() => undefined)
  const source = createSegmentSource({ read: (path) => ctx.archive.readBytes(path), list: listNothing }, async (kid) =>
    (await keys).find((key) => key.kid === kid),
  )
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
  message: `segment ${sequence} has no checkpoint that a known key signed`,
})

const rewritten = (sequence: number): ChainFinding => ({
  kind: 'rewritten',
  sequence,
  message: `segment ${sequence} is not the segment that the database names as newest`,
})

/** The database gives the newest segment. Listing the names would take one call for each thousand of them. */
async function* listNothing(): AsyncGenerator<string> {}
