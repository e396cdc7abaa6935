import { formatProofFile } from '../../src/compliance/archive/proof/proof-file.ts'
import { digestOfReceipt } from '../../src/compliance/erasure/receipt.ts'
import type { ReceiptSigner } from '../../src/crypto/receipt-key.ts'
import { formatTreeHead } from '../../src/tlog/checkpoint.ts'
import { digestOfLine, entryOf } from '../../src/tlog/entry.ts'
import { type Hash, inclusionRanges, leafHash, nodeHash, splitOf } from '../../src/tlog/merkle.ts'
import { cosignBody, createNoteSigner, formatNote, type NoteSigner, signBody } from '../../src/tlog/note.ts'

/** A log in memory, as the service would publish it. */
export interface SmallLog {
  readonly lines: readonly string[]
  readonly note: string
}

const seedOf = (seed: string): Uint8Array => digestOfLine(seed)

export const logSigner = (name: string, seed = name): Promise<NoteSigner> =>
  createNoteSigner(seedOf(seed), { name, type: 'log' })

export const witnessSigner = (name: string, seed = name): Promise<NoteSigner> =>
  createNoteSigner(seedOf(seed), { name, type: 'witness' })

/** An event line. */
export const lineWith = (id: string, action: string, detail: object | null = null): string =>
  JSON.stringify({
    id,
    occurred_at: Date.UTC(2026, 10, 1),
    action,
    outcome: 'success',
    actor_type: 'system',
    actor_id: null,
    subject_id: null,
    request_id: 'pseudonym-of-a-request',
    detail: detail && JSON.stringify(detail),
    note_enc: null,
    nonce: 'AAAAAAAAAAAAAAAAAAAAAA',
  })

const leavesOf = (lines: readonly string[]): Hash[] => lines.map((line) => leafHash(entryOf(digestOfLine(line))))

function rootOf(leaves: readonly Hash[]): Hash {
  const [only] = leaves
  if (leaves.length === 1 && only !== undefined) return only
  const middle = splitOf(leaves.length)
  return nodeHash(rootOf(leaves.slice(0, middle)), rootOf(leaves.slice(middle)))
}

interface Signing {
  readonly signers: readonly NoteSigner[]
  readonly witnesses?: readonly NoteSigner[]
  /** The name in the note, if not that of the first signer. */
  readonly origin?: string
}

/** Signs a tree over lines. */
export async function signLog(
  lines: readonly string[],
  { signers, witnesses = [], origin = signers[0]?.name ?? '' }: Signing,
): Promise<SmallLog> {
  const body = formatTreeHead({ origin, size: lines.length, root: rootOf(leavesOf(lines)) })
  const signatures = await Promise.all([
    ...signers.map((signer) => signBody(body, signer)),
    ...witnesses.map((witness) => cosignBody(body, witness, 1_800_000_000)),
  ])
  return { lines, note: formatNote({ body, signatures }) }
}

/** The proof of one line of a log. */
export function proofOf({ lines, note }: SmallLog, index: number) {
  const leaves = leavesOf(lines)
  const proof = inclusionRanges(index, lines.length).map(({ from, to }) => rootOf(leaves.slice(from, to)))
  return { index, proof, checkpoint: note }
}

/** A receipt, and the line that names it. */
export async function erasureOf(signer: ReceiptSigner, userId: string) {
  const receipt = await signer.sign('latchkey-erasure+jws', {
    user_id: userId,
    basis: 'user_request',
    requested_at: '2026-10-01',
    started_at: '2026-10-31',
    completed_at: '2026-10-31',
    steps: { destroy_key: { at: '2026-10-31' } },
  })
  const line = lineWith('019a3d00-0001-7000-8000-000000000001', 'user.erased', {
    receipt: await digestOfReceipt(receipt),
  })
  return { receipt, line }
}

interface ErasureFile {
  readonly signer: ReceiptSigner
  readonly receipt: string
  readonly log: SmallLog
  readonly index: number
}

export const erasureFileOf = ({ signer, receipt, log, index }: ErasureFile): string =>
  formatProofFile({
    kind: 'erasure',
    receipt,
    receiptKey: JSON.stringify(signer.publicKey),
    line: log.lines[index] ?? '',
    proof: proofOf(log, index),
  })
