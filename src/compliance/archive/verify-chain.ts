import { z } from 'zod'
import type { Archive } from '../../core/ports.ts'
import { verifyReceipt } from '../../crypto/receipt-key.ts'
import {
  type ChainHead,
  checkpointPath,
  GENESIS,
  hashSegment,
  headAfter,
  parseSegment,
  receiptKeyPath,
  segmentPath,
} from './segment.ts'

/** Anything that holds the archive's objects under their names: a bucket, or a folder it was downloaded to. */
export type ArchiveSource = Pick<Archive, 'read' | 'list'>

/** What is wrong with an archive, and where it shows first. */
export interface Finding {
  readonly kind:
    | 'edited'
    | 'malformed'
    | 'gap'
    | 'reordered'
    | 'duplicate'
    | 'truncated'
    | 'forged-head'
    | 'unsigned'
    | 'rewritten'
  readonly sequence: number
  readonly explanation: string
}

export type ChainReport =
  | { readonly ok: false; readonly finding: Finding }
  | {
      readonly ok: true
      readonly head: ChainHead
      /** Thumbprints of the keys that signed, and the first segment that each one signed. */
      readonly keys: ReadonlyMap<string, number>
      /** The newest segment has no signature yet: it was being written, or its writer was cut off. */
      readonly hasUnsignedTail: boolean
    }

interface VerifyOptions {
  /** A signed head that somebody kept: the archive must still contain what it speaks of. */
  readonly earlier?: SignedHead | undefined
  readonly onProgress?: (sequence: number, total: number) => void
}

const headSchema = z.object({ sequence: z.number(), hash: z.string(), event_count: z.number(), created_at: z.string() })
export type SignedHead = z.infer<typeof headSchema>

/** Ids are compared with those of this many events before: enough for any redelivery, and bounded in memory. */
const REMEMBERED_IDS = 1_000_000

class FindingError extends Error {
  readonly finding: Finding

  constructor(kind: Finding['kind'], sequence: number, explanation: string) {
    super(kind)
    this.finding = { kind, sequence, explanation }
  }
}

/** Reads a compact JWS as a signed head; undefined when its signature, type or key name is wrong. */
export async function readSignedHead(source: ArchiveSource, jws: string): Promise<SignedHead | undefined> {
  const findKey = async (kid: string) => JSON.parse((await source.read(receiptKeyPath(kid))) ?? 'null')
  return headSchema.safeParse(await verifyReceipt('latchkey-checkpoint+jws', jws.trim(), findKey)).data
}

/** Walks the whole chain, from the first segment to the newest, and stops at the first thing that is wrong. */
export async function verifyChain(source: ArchiveSource, options: VerifyOptions = {}): Promise<ChainReport> {
  try {
    return await walk(source, options)
  } catch (error) {
    if (error instanceof FindingError) return { ok: false, finding: error.finding }
    throw error
  }
}

async function walk(source: ArchiveSource, { earlier, onProgress }: VerifyOptions): Promise<ChainReport> {
  const names = await source.list('audit/')
  const keys = new Map<string, number>()
  const seenIds = new Set<string>()
  let head = GENESIS
  let hasUnsignedTail = false
  for (const [index, name] of names.entries()) {
    const sequence = index + 1
    if (name !== segmentPath(sequence)) throw new FindingError('gap', sequence, `Segment ${sequence} is missing.`)
    const text = (await source.read(name)) ?? ''
    const checkpoint = await source.read(checkpointPath(sequence))
    head = await verifySegment(source, head, { sequence, text, checkpoint })
    rememberIds(seenIds, head, text)
    if (checkpoint === undefined && sequence < names.length) {
      throw new FindingError('unsigned', sequence, `The signed head of segment ${sequence} is missing.`)
    }
    hasUnsignedTail = checkpoint === undefined
    noteKey(keys, checkpoint, sequence)
    if (earlier?.sequence === sequence) assertUnchanged(earlier, head)
    onProgress?.(sequence, names.length)
  }
  await assertComplete(source, head, earlier)
  return { ok: true, head, keys, hasUnsignedTail }
}

interface StoredSegment {
  readonly sequence: number
  readonly text: string
  readonly checkpoint: string | undefined
}

async function verifySegment(source: ArchiveSource, previous: ChainHead, stored: StoredSegment): Promise<ChainHead> {
  const { sequence, text, checkpoint } = stored
  const segment = parseSegment(text)
  const hash = await hashSegment(text)
  if (segment !== undefined && segment.header.sequence !== sequence)
    throw await misplaced(source, stored, segment.header.sequence)
  const signed = checkpoint === undefined ? undefined : await readSignedHead(source, checkpoint)
  if (checkpoint !== undefined && signed?.sequence !== sequence) {
    throw new FindingError(
      'forged-head',
      sequence,
      `The head of segment ${sequence} is not signed by a key of this archive.`,
    )
  }
  if (signed !== undefined && signed.hash !== hash) throw edited(sequence, 'its bytes are not those that were signed')
  if (segment === undefined) throw new FindingError('malformed', sequence, `Segment ${sequence} is not a segment.`)
  if (segment.header.previous !== previous.hash) throw edited(sequence, `it does not follow segment ${sequence - 1}`)
  const head = headAfter(previous, segment, hash)
  if (signed !== undefined && signed.event_count !== head.eventCount) {
    throw new FindingError(
      'forged-head',
      sequence,
      `The head of segment ${sequence} counts other events than there are.`,
    )
  }
  return head
}

const edited = (sequence: number, how: string): FindingError =>
  new FindingError('edited', sequence, `Segment ${sequence} was changed: ${how}.`)

async function misplaced(
  source: ArchiveSource,
  { sequence, text }: StoredSegment,
  claimed: number,
): Promise<FindingError> {
  const isCopy = claimed < sequence && (await source.read(segmentPath(claimed))) === text
  return isCopy
    ? new FindingError('duplicate', sequence, `Segment ${sequence} is a copy of segment ${claimed}.`)
    : new FindingError('reordered', sequence, `In the place of segment ${sequence} lies segment ${claimed}.`)
}

function rememberIds(seen: Set<string>, { sequence }: ChainHead, text: string): void {
  for (const { id } of parseSegment(text)?.events ?? []) {
    if (seen.has(id)) throw new FindingError('duplicate', sequence, `Segment ${sequence} repeats an event.`)
    seen.add(id)
    const oldest = seen.size > REMEMBERED_IDS ? seen.values().next().value : undefined
    if (oldest !== undefined) seen.delete(oldest)
  }
}

function noteKey(keys: Map<string, number>, checkpoint: string | undefined, sequence: number): void {
  const header: unknown = JSON.parse(atob((checkpoint ?? '').split('.')[0] || 'e30='))
  const kid = z.object({ kid: z.string() }).safeParse(header).data?.kid
  if (kid !== undefined && !keys.has(kid)) keys.set(kid, sequence)
}

function assertUnchanged(earlier: SignedHead, head: ChainHead): void {
  if (earlier.hash === head.hash && earlier.event_count === head.eventCount) return
  throw new FindingError(
    'rewritten',
    head.sequence,
    `Segment ${head.sequence} is not the one that the kept checkpoint speaks of.`,
  )
}

/** Signatures that speak of more than there is show that the end was cut off. */
async function assertComplete(source: ArchiveSource, head: ChainHead, earlier: SignedHead | undefined): Promise<void> {
  const last = (await source.list('checkpoints/')).at(-1)
  const signedUpTo = Math.max(Number(/(\d+)\.jws$/.exec(last ?? '')?.[1] ?? 0), earlier?.sequence ?? 0)
  if (signedUpTo <= head.sequence) return
  throw new FindingError(
    'truncated',
    head.sequence + 1,
    `Segments ${head.sequence + 1} to ${signedUpTo} were signed and are gone.`,
  )
}
