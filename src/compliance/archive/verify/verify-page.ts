import type { Context } from '../../../context.ts'
import { type ChainHead, GENESIS } from '../format/chain-head.ts'
import { checkpointPath } from '../format/segment-number.ts'
import { segmentPath } from '../format/segment-path.ts'
import { type FindKey, verifySignedHead } from '../format/signed-head.ts'
import { openSegment } from '../format/signed-segment.ts'
import { knownKeys } from '../keys/log-signers.ts'
import type { readHeads } from '../log/read-head.ts'
import { type ChainFinding, found } from './chain-finding.ts'
import type { SegmentSource } from './segment-source.ts'
import { verifyRange } from './verify-chain.ts'

export interface PageToVerify {
  /** The heads of both formats. */
  readonly heads: Awaited<ReturnType<typeof readHeads>>
  /** Number of the segment before the first one to check; at most that of the newest segment. */
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

/** Where a page begins. */
interface Start {
  readonly head: ChainHead
  readonly started?: number
  readonly createdAtMs?: number
}

/**
 * Verifies as many segments as a Worker can read in one request. Checks that they continue the signed head
 * before them, that a key of this service signed their own heads, and that the newest segment is the newest
 * one of the service. A key in the archive alone is not a key of this service. Earlier segments are checked
 * by earlier pages; only `latchkey audit verify` checks the whole archive in one run.
 * @throws TimeLimitError
 */
export async function verifyPage(
  ctx: Pick<Context, 'archive' | 'receipts' | 'logVault' | 'settings'>,
  { heads, after, limit }: PageToVerify,
): Promise<VerifiedPage> {
  const newest = heads.head ?? heads.old
  const to = Math.min(after + limit, newest.sequence)
  const nothing = { from: after + 1, to, events: 0, unsignedTail: false }
  if (to <= after && after === 0) return { ...nothing, finding: undefined }
  const nameKey = await ctx.logVault.findNameKey()
  const findKey = knownKeys(ctx)
  const source: SegmentSource = {
    listSegments: listNothing,
    listCheckpoints: listNothing,
    // The names are known, so planted objects are not read.
    findSegments: async (sequence) => (nameKey === undefined ? [] : [segmentPath(nameKey, sequence)]),
    read: (path) => ctx.archive.readBytes(path),
    findKey,
    isAnchored: async () => true,
    ...(hasPositions(ctx) && { isDistrusted: async (kid, sequence) => (await findKey(kid, sequence)) === undefined }),
  }
  const start = after === 0 ? { head: GENESIS } : await readStart(ctx, { after, nameKey, findKey })
  if (start === undefined) return { ...nothing, finding: unsigned(after) }
  const verdict = await verifyRange(source, start, to)
  if (!verdict.ok) return { ...nothing, finding: verdict.finding }
  const finding = to === newest.sequence && verdict.head.hash !== newest.hash ? rewritten(to) : undefined
  const events = verdict.head.eventCount - start.head.eventCount
  return { ...nothing, events, unsignedTail: verdict.unsignedTail, finding }
}

const hasPositions = ({ settings }: Pick<Context, 'settings'>): boolean =>
  settings.DISTRUSTED_ROOT_KEYS.some(({ sequence }) => sequence !== undefined)

interface Before {
  readonly after: number
  readonly nameKey: Uint8Array | undefined
  readonly findKey: FindKey
}

/** The signed head before a page. */
async function readStart(
  { archive }: Pick<Context, 'archive'>,
  { after, nameKey, findKey }: Before,
): Promise<Start | undefined> {
  const text = nameKey && (await archive.read(segmentPath(nameKey, after)))
  const opened = text === undefined ? undefined : await openSegment(text, findKey)
  if (opened?.head.sequence === after) {
    return { head: opened.head, started: opened.head.started.sequence, createdAtMs: opened.head.createdAtMs }
  }
  const checkpoint = await archive.read(checkpointPath(after))
  const signed = checkpoint && (await verifySignedHead(checkpoint, findKey))
  if (!signed || signed.head.sequence !== after) return undefined
  return { head: { sequence: after, hash: signed.head.hash, eventCount: signed.head.event_count } }
}

const unsigned = (sequence: number): ChainFinding =>
  found('forged-head', sequence, `segment ${sequence} has no checkpoint that a known key signed`)

const rewritten = (sequence: number): ChainFinding =>
  found('rewritten', sequence, `segment ${sequence} is not the segment that the service names as newest`)

/** The heads give the newest segment. Listing the names would take one call for each thousand of them. */
async function* listNothing(): AsyncGenerator<string> {}
