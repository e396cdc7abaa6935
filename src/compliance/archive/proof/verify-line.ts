import { readNotedTree } from '../../../tlog/checkpoint.ts'
import { digestOfLine, entryOf } from '../../../tlog/entry.ts'
import { leafHash, rootOfInclusion } from '../../../tlog/merkle.ts'
import type { Policy } from '../../../tlog/policy.ts'
import { type JudgedNote, judgeNote } from './judge-note.ts'
import type { LineProof } from './proof-file.ts'

/** Where a line is in the log, and who has signed that log. */
export interface ProvenPlace extends JudgedNote {
  /** The name of the log. */
  readonly origin: string
  /** Position of the line, from 0. */
  readonly index: number
  /** Lines of the log that the note signs. */
  readonly size: number
}

/**
 * Checks that a log has a line, without a store and without the network.
 * @param policy which logs and witnesses are believed
 * @returns a sentence if something does not hold
 */
export async function verifyLine(
  { line, proof }: LineProof,
  policy: Policy | undefined,
): Promise<ProvenPlace | string> {
  const { index, proof: hashes, checkpoint } = proof
  const noted = readNotedTree(checkpoint)
  if (noted === undefined) return 'its checkpoint is not a signed note of a log'
  const { origin, size } = noted.head
  const root = rootOfInclusion(leafHash(entryOf(digestOfLine(line))), { index, size, proof: hashes })
  if (root === undefined) return `its proof is not one for line ${index} of a log with ${size} lines`
  if (Buffer.compare(root, noted.head.root) !== 0) return 'its line is not in the log that the note signs'
  const judged = await judgeNote(noted, policy)
  return typeof judged === 'string' ? judged : { origin, index, size, ...judged }
}
