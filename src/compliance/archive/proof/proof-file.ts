import { formatLogProof, type LogProof, parseLogProof } from '../../../tlog/proof-file.ts'

/** What proves that the log has a line of the archive. */
export interface LineProof {
  /** The event, as it is in its segment, without the newline. */
  readonly line: string
  readonly proof: LogProof
}

interface ErasureProof extends LineProof {
  readonly kind: 'erasure'
  /** Compact JWS. */
  readonly receipt: string
  /** JSON of the public JWK that verifies the receipt. Its thumbprint is the `kid` of the receipt. */
  readonly receiptKey: string
}

interface EventProof extends LineProof {
  readonly kind: 'event'
}

/**
 * A file that proves an erasure, or an event, without the service. The first line names its form. Then follow
 * the receipt and its key, in the proof of an erasure alone, and the line of the event. The rest is a
 * `c2sp.org/tlog-proof@v1`, which ends with the signed note.
 */
export type ProofFile = ErasureProof | EventProof

const ERASURE = 'latchkey-erasure-proof/1'
const EVENT = 'latchkey-event-proof/1'

export const formatProofFile = (file: ProofFile): string =>
  [
    ...(file.kind === 'erasure' ? [ERASURE, file.receipt, file.receiptKey] : [EVENT]),
    file.line,
    formatLogProof(file.proof),
  ].join('\n')

/** Whether the first line of a text is that of a proof file, of this or of a later form. */
export const isProofFile = (text: string): boolean => /^latchkey-(erasure|event)-proof\//.test(text)

/**
 * Reads a proof file. A file has one reading.
 * @returns undefined for a text that `formatProofFile` does not write
 */
export function parseProofFile(text: string): ProofFile | undefined {
  const [kind = '', ...lines] = text.split('\n')
  const [receipt, receiptKey] = kind === ERASURE ? [lines.shift(), lines.shift()] : []
  const line = lines.shift()
  const proof = parseLogProof(lines.join('\n'))
  if (line === undefined || proof === undefined) return undefined
  const file = fileOf(kind, { line, proof }, { receipt, receiptKey })
  return file !== undefined && formatProofFile(file) === text ? file : undefined
}

function fileOf(
  kind: string,
  own: LineProof,
  { receipt, receiptKey }: { readonly receipt: string | undefined; readonly receiptKey: string | undefined },
): ProofFile | undefined {
  if (kind === EVENT) return { kind: 'event', ...own }
  if (receipt === undefined || receiptKey === undefined) return undefined
  return { kind: 'erasure', receipt, receiptKey, ...own }
}
