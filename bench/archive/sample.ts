import { hashText } from '../../src/compliance/archive/format/chain-head.ts'
import { formatBody, formatSegment, type SegmentHeader } from '../../src/compliance/archive/format/segment.ts'
import { type EventLine, toLines } from '../../src/compliance/archive/lines/to-lines.ts'
import { signTree } from '../../src/compliance/archive/tree/sign-tree.ts'
import { believeTree } from '../../src/compliance/archive/tree/tree-state.ts'
import { newTimeOrderedId, type UserId } from '../../src/core/ids.ts'
import type { SealedEvent } from '../../src/core/sealed-event.ts'
import { checkSeal, createSealEvent } from '../../src/crypto/event-seal.ts'
import { deriveKeyRing } from '../../src/crypto/key-ring.ts'
import { newPseudonymKey } from '../../src/crypto/pseudonym.ts'
import { createReceiptSigner } from '../../src/crypto/receipt-key.ts'
import { appendDigests, EMPTY_EDGE, formatEdge } from '../../src/tlog/edge.ts'
import { digestOfLine } from '../../src/tlog/entry.ts'

/** Sign-ins of as many persons, and the steps of the consumer with them. */
export async function createEventSample(count: number) {
  const ring = await deriveKeyRing([{ version: 1, secret: crypto.getRandomValues(new Uint8Array(32)) }])
  const receipts = await createReceiptSigner(ring)
  const sealEvent = createSealEvent(ring)
  const keys = new Map<string, Uint8Array>()
  const events = Array.from({ length: count }, () => {
    const userId = crypto.randomUUID() as UserId
    keys.set(userId, newPseudonymKey())
    return signIn(userId)
  })
  const sealed = events.map((event) => ({ ...event, seal: sealEvent(event) }))
  const vault = {
    findDerived: async (owner: string) => ({ kind: 'found', key: keys.get(owner) ?? newPseudonymKey() }) as const,
  }
  const accepted = sealed.map((event) => ({ event, fromDatabase: [], isUnsealed: false }))
  let lines: readonly EventLine[] = []
  let text = ''
  // A tree whose two lower levels are nearly full.
  const { edge } = appendDigests(
    EMPTY_EDGE,
    Array.from({ length: 199 * 256 + 200 }, (_, i) => digestOfLine(String(i))),
  )
  const stored = { segment: 1, edge: formatEdge(edge), note: (await signTree({ ring }, ORIGIN, edge)).note }
  return {
    seal: () => events.map((event) => sealEvent(event)),
    check: () => sealed.map((event) => checkSeal(ring, event)),
    makeLines: async () => {
      lines = (await toLines({ vault } as unknown as Parameters<typeof toLines>[0], accepted)).lines
    },
    makeSegment: async () => {
      const header = { ...HEADER, count: lines.length }
      const hash = await hashText(formatBody({ header, lines }))
      text = formatSegment({ header, lines, checkpoint: await receipts.sign('latchkey-checkpoint+jws', { hash }) })
    },
    // Another ring, as that of an isolate that has not grown the tree yet.
    readTree: () => believeTree({ ring: { ...ring } }, stored),
    growTree: async () => {
      const grown = appendDigests(
        edge,
        lines.map((line) => digestOfLine(JSON.stringify(line))),
      )
      return [formatEdge(grown.edge), await signTree({ ring }, ORIGIN, grown.edge)]
    },
    bytes: () => text.length,
  }
}

const ORIGIN = 'id.example/audit'

const HEADER: SegmentHeader = {
  format: 'latchkey-audit/2',
  sequence: 1,
  previous: '0'.repeat(64),
  first: 0,
  count: 1,
  created_at: 1,
  origin: 'https://id.example',
}

const signIn = (userId: UserId): SealedEvent & { readonly subject_id: UserId } => ({
  id: newTimeOrderedId(Date.now()),
  occurred_at: Date.now(),
  action: 'user.signed_in',
  outcome: 'success',
  actor_type: 'user',
  actor_id: userId,
  subject_id: userId,
  request_id: crypto.randomUUID(),
  detail: JSON.stringify({ session_id: crypto.randomUUID() }),
  note_enc: null,
})
