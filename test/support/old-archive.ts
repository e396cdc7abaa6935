import { type ChainHead, GENESIS, hashText, receiptKeyPath } from '../../src/compliance/archive/format/chain-head.ts'
import type { ArchivedEvent } from '../../src/compliance/archive/format/old-segment.ts'
import { checkpointPath, oldSegmentPath } from '../../src/compliance/archive/format/segment-number.ts'
import type { ReceiptSigner } from '../../src/crypto/receipt-key.ts'

/** Writes a segment of format 1 as version 0.2.0 did. */
export function formatOldSegment(previous: ChainHead, events: readonly ArchivedEvent[], nowMs: number): string {
  const header = {
    format: 'latchkey-audit/1',
    sequence: previous.sequence + 1,
    previous: previous.hash,
    count: events.length,
    created_at: nowMs,
  }
  return [header, ...events].map((line) => `${JSON.stringify(line)}\n`).join('')
}

/** The payload of a checkpoint of format 1. */
export const oldHeadPayload = (head: ChainHead, nowMs: number) => ({
  sequence: head.sequence,
  hash: head.hash,
  event_count: head.eventCount,
  created_at: new Date(nowMs).toISOString(),
})

export interface OldChain {
  readonly signer: ReceiptSigner
  /** The events of each segment. */
  readonly segments: readonly (readonly ArchivedEvent[])[]
  readonly startMs: number
  readonly put: (path: string, text: string) => unknown
}

/** Writes a chain of format 1: segments, checkpoints, and the public key once. @returns its head */
export async function writeOldChain({ signer, segments, startMs, put }: OldChain): Promise<ChainHead> {
  let head = GENESIS
  for (const events of segments) {
    const text = formatOldSegment(head, events, startMs + head.sequence + 1)
    head = {
      sequence: head.sequence + 1,
      hash: await hashText(text),
      eventCount: head.eventCount + events.length,
    }
    await put(oldSegmentPath(head.sequence), text)
    await put(
      checkpointPath(head.sequence),
      await signer.sign('latchkey-checkpoint+jws', oldHeadPayload(head, startMs)),
    )
  }
  await put(receiptKeyPath(signer.publicKey.kid), JSON.stringify(signer.publicKey))
  return head
}
