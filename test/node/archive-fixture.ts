import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { openFolder } from '../../src/cli/archive/archive-folder.ts'
import { type ChainHead, GENESIS, hashText, receiptKeyPath } from '../../src/compliance/archive/format/chain-head.ts'
import { signedHeadOf } from '../../src/compliance/archive/format/log-head.ts'
import type { ArchivedEvent } from '../../src/compliance/archive/format/old-segment.ts'
import { formatBody, formatSegment, type SegmentHeader } from '../../src/compliance/archive/format/segment.ts'
import { segmentPath } from '../../src/compliance/archive/format/segment-path.ts'
import type { FindKey, KeptHead } from '../../src/compliance/archive/format/signed-head.ts'
import type { EventLine } from '../../src/compliance/archive/lines/to-lines.ts'
import { createSegmentSource } from '../../src/compliance/archive/verify/archive-source.ts'
import {
  type ChainVerdict,
  type ChainOptions as VerifyOptions,
  verifyChain,
} from '../../src/compliance/archive/verify/verify-chain.ts'
import { utf8 } from '../../src/crypto/encoding.ts'
import { deriveKeyRing } from '../../src/crypto/key-ring.ts'
import { createReceiptSigner, type ReceiptSigner } from '../../src/crypto/receipt-key.ts'
import { digestOfLine } from '../../src/tlog/entry.ts'
import type { Hash } from '../../src/tlog/merkle.ts'
import { growLog } from '../support/log-trees.ts'
import { oldHeadPayload, writeOldChain } from '../support/old-archive.ts'

const START_MS = Date.UTC(2026, 10, 1)

/** A signer with a fixed key for each seed. */
export async function signerFrom(seed: string): Promise<ReceiptSigner> {
  const secret = new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(seed)))
  return createReceiptSigner(await deriveKeyRing([{ version: 1, secret }]))
}

/** A UUID v7 made from the numbers of its segment and line. */
export const eventId = (sequence: number, line: number): string =>
  `019a3d00-${String(sequence).padStart(4, '0')}-7000-8000-${String(line).padStart(12, '0')}`

export const archivedEvent = (id: string): ArchivedEvent => ({
  id,
  occurred_at: START_MS,
  action: 'user.signed_in',
  outcome: 'success',
  actor_type: 'user',
  actor_id: 'b2e0c1de-0a77-4c1e-9a40-2f7d6d1a9a10',
  subject_id: 'b2e0c1de-0a77-4c1e-9a40-2f7d6d1a9a10',
  request_id: '7f9c24e8b1d04e3a',
  detail: null,
  // U+FFFD and the code points beside it, which a lossy decoder would confuse.
  pii_enc: 'v1.\ufffd.c2VhbGVk',
})

export interface ChainOptions {
  readonly signer: ReceiptSigner
  readonly segments: number
  readonly eventsEach?: number
  readonly idOf?: (sequence: number, line: number) => string
}

/** Writes a chain of format 1. */
export const writeChain = (folder: string, { signer, segments, eventsEach = 2, idOf = eventId }: ChainOptions) =>
  writeOldChain({
    signer,
    startMs: START_MS,
    segments: Array.from({ length: segments }, (_, i) =>
      Array.from({ length: eventsEach }, (_, line) => archivedEvent(idOf(i + 1, line))),
    ),
    put: (path, text) => put(folder, path, text),
  })

export const headPayload = (head: ChainHead) => oldHeadPayload(head, START_MS)

const NAME_KEY = utf8('the key of the names')

/** The path of a segment of format 2. */
export const pathOf = (sequence: number): string => segmentPath(NAME_KEY, sequence)

export const lineOf = (id: string): EventLine => ({
  id,
  occurred_at: START_MS,
  action: 'user.signed_in',
  outcome: 'success',
  actor_type: 'user',
  actor_id: 'pseudonym-of-a-user-00',
  subject_id: 'pseudonym-of-a-user-00',
  request_id: 'pseudonym-of-a-request',
  // U+FFFD, which a lossy decoder would confuse with other bytes.
  detail: '{"reason":"\ufffd"}',
  note_enc: null,
  nonce: 'AAAAAAAAAAAAAAAAAAAAAA',
})

export interface LogOptions extends ChainOptions {
  /** The head of format 1. */
  readonly after?: ChainHead
  readonly headerOf?: (sequence: number) => Partial<SegmentHeader>
  readonly lineFor?: (id: string) => EventLine
  /** Who signs a segment, if not `signer`. */
  readonly signerOf?: (sequence: number) => ReceiptSigner
}

/** Writes segments of format 2, and the public key. */
export async function writeLog(folder: string, options: LogOptions): Promise<ChainHead> {
  const { signer, segments, after = GENESIS, eventsEach = 2, idOf = eventId, headerOf, lineFor = lineOf } = options
  const { signerOf = () => signer } = options
  const started = { sequence: after.sequence + 1, atMs: START_MS }
  let head = after
  for (let n = 1; n <= segments; n++) {
    const sequence = head.sequence + 1
    const header: SegmentHeader = {
      format: 'latchkey-audit/2',
      sequence,
      previous: head.hash,
      first: head.eventCount,
      count: eventsEach,
      created_at: START_MS + sequence,
      origin: 'https://id.example',
      ...headerOf?.(sequence),
    }
    const lines = Array.from({ length: eventsEach }, (_, line) => lineFor(idOf(sequence, line)))
    const hash = await hashText(formatBody({ header, lines }))
    head = { sequence, hash, eventCount: header.first + eventsEach }
    const payload = signedHeadOf({ ...head, createdAtMs: header.created_at, started })
    const by = signerOf(sequence)
    const checkpoint = await by.sign('latchkey-checkpoint+jws', payload)
    put(folder, receiptKeyPath(by.publicKey.kid), JSON.stringify(by.publicKey))
    put(folder, pathOf(sequence), formatSegment({ header, lines, checkpoint }))
  }
  put(folder, receiptKeyPath(signer.publicKey.kid), JSON.stringify(signer.publicKey))
  return head
}

/** The lines of all segments of format 2 in a folder. */
export const linesIn = (folder: string): string[] =>
  namesIn(folder, 'audit')
    .toSorted()
    .flatMap((path) => take(folder, path).slice(0, -1).split('\n').slice(1, -1))

/** Writes the full tiles and bundles of the log, as the service does. @returns the tree */
export function writeTiles(folder: string): { readonly size: number; readonly root: Hash } {
  const log = growLog(linesIn(folder).map(digestOfLine), [1000])
  for (const [path, bytes] of log.tiles) put(folder, `log/${path}`, bytes)
  return log
}

export const newFolder = (): string => mkdtempSync(join(tmpdir(), 'latchkey-archive-'))

export function put(folder: string, path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), content)
}

export const take = (folder: string, path: string): string => readFileSync(join(folder, path), 'utf8')

export const drop = (folder: string, path: string): void => rmSync(join(folder, path))

export const namesIn = (folder: string, prefix: string): string[] =>
  readdirSync(join(folder, prefix)).map((name) => `${prefix}/${name}`)

/** The verdict on a folder, without progress. */
export async function verdictOf(folder: string, kept?: KeptHead, options: VerdictOptions = {}): Promise<ChainVerdict> {
  const { findAnchor, ...others } = options
  const walk = verifyChain(createSegmentSource(openFolder(folder), { findAnchor }), { kept, ...others })
  for (;;) {
    const step = await walk.next()
    if (step.done) return step.value
  }
}

interface VerdictOptions extends Omit<VerifyOptions, 'kept'> {
  readonly findAnchor?: FindKey
}
