import { HASH_BYTES, type Hash } from './merkle.ts'
import { fromBase64, toBase64 } from './note.ts'

/** A proof that a log has an entry (https://c2sp.org/tlog-proof). */
export interface LogProof {
  /** Position of the entry, from 0. */
  readonly index: number
  /** From the sibling of the leaf to the child of the root. */
  readonly proof: readonly Hash[]
  /** The text of the signed note. */
  readonly checkpoint: string
}

const FIRST_LINE = 'c2sp.org/tlog-proof@v1'

export const formatLogProof = ({ index, proof, checkpoint }: LogProof): string =>
  [FIRST_LINE, `index ${index}`, ...proof.map(toBase64), '', checkpoint].join('\n')

const FILE = /^c2sp\.org\/tlog-proof@v1\n(?:extra \S+\n)?index (0|[1-9]\d{0,15})\n((?:\S{44}\n){0,63})\n/

/** Reads a proof. @returns undefined if it is malformed. The checkpoint is not read */
export function parseLogProof(text: string): LogProof | undefined {
  const [head, digits = '', lines = ''] = FILE.exec(text) ?? []
  if (head === undefined) return undefined
  const hashes = lines.split('\n').slice(0, -1).map(fromBase64)
  const proof = hashes.filter((hash) => hash?.length === HASH_BYTES)
  const isSound = proof.length === hashes.length && Number.isSafeInteger(Number(digits))
  return isSound ? { index: Number(digits), proof: proof as Hash[], checkpoint: text.slice(head.length) } : undefined
}
