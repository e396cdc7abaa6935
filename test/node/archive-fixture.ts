import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { openFolder } from '../../src/cli/archive/archive-folder.ts'
import { createSegmentSource } from '../../src/compliance/archive/archive-source.ts'
import {
  type ArchivedEvent,
  checkpointPath,
  formatSegment,
  GENESIS,
  hashSegment,
  headAfter,
  parseSegment,
  receiptKeyPath,
  segmentPath,
} from '../../src/compliance/archive/segment.ts'
import type { KeptHead } from '../../src/compliance/archive/signed-head.ts'
import { type ChainVerdict, verifyChain } from '../../src/compliance/archive/verify-chain.ts'
import { utf8 } from '../../src/crypto/encoding.ts'
import { deriveKeyRing } from '../../src/crypto/key-ring.ts'
import { createReceiptSigner, type ReceiptSigner } from '../../src/crypto/receipt-key.ts'

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

/** Writes a chain as the consumer of the archive does: segments, checkpoints, and the public key once. */
export async function writeChain(folder: string, { signer, segments, eventsEach = 2, idOf = eventId }: ChainOptions) {
  let head = GENESIS
  for (let sequence = 1; sequence <= segments; sequence++) {
    const events = Array.from({ length: eventsEach }, (_, line) => archivedEvent(idOf(sequence, line)))
    const text = formatSegment(head, events, START_MS + sequence)
    const segment = parseSegment(text)
    if (segment === undefined) throw new Error('the fixture wrote no segment')
    head = headAfter(head, segment, await hashSegment(text))
    put(folder, segmentPath(sequence), text)
    put(folder, checkpointPath(sequence), await signer.sign('latchkey-checkpoint+jws', headPayload(head)))
  }
  put(folder, receiptKeyPath(signer.publicKey.kid), JSON.stringify(signer.publicKey))
  return head
}

export const headPayload = (head: typeof GENESIS) => ({
  sequence: head.sequence,
  hash: head.hash,
  event_count: head.eventCount,
  created_at: new Date(START_MS).toISOString(),
})

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
export async function verdictOf(folder: string, kept?: KeptHead): Promise<ChainVerdict> {
  const walk = verifyChain(createSegmentSource(openFolder(folder)), kept)
  for (;;) {
    const step = await walk.next()
    if (step.done) return step.value
  }
}
