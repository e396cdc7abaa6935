import { type NotedTree, readNotedTree } from '../tlog/checkpoint.ts'
import { HASH_BYTES, type Hash } from '../tlog/merkle.ts'
import { fromBase64 } from '../tlog/note.ts'

/** The body of `POST /add-checkpoint`. */
export interface Submission extends NotedTree {
  /** Leaves of the checkpoint from which the proof leads. */
  readonly oldSize: number
  readonly proof: readonly Hash[]
}

/** C2SP tlog-witness. */
const MOST_PROOF_LINES = 63

const OLD = /^old (0|[1-9]\d{0,15})$/

/** Reads a submission (C2SP tlog-witness). @returns undefined if it is malformed */
export function readSubmission(text: string): Submission | undefined {
  const end = text.indexOf('\n\n')
  if (end === -1) return undefined
  const [old = '', ...lines] = text.slice(0, end).split('\n')
  const oldSize = Number(OLD.exec(old)?.[1] ?? Number.NaN)
  const proof = lines.map(fromBase64).filter((hash) => hash?.length === HASH_BYTES)
  const noted = readNotedTree(text.slice(end + 2))
  const isSound = Number.isSafeInteger(oldSize) && proof.length === lines.length && proof.length <= MOST_PROOF_LINES
  return isSound && noted ? { oldSize, proof: proof.filter((hash) => hash !== undefined), ...noted } : undefined
}
