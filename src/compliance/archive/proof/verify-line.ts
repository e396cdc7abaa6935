import { parseTreeHead } from '../../../tlog/checkpoint.ts'
import { digestOfLine, entryOf } from '../../../tlog/entry.ts'
import { leafHash, rootOfInclusion } from '../../../tlog/merkle.ts'
import { type Note, parseNote, type VerifiedSignature, verifyNote } from '../../../tlog/note.ts'
import { meetsQuorum, type Policy } from '../../../tlog/policy.ts'
import type { LineProof } from './proof-file.ts'

/** Where a line is in the log, and who has signed that log. */
export interface ProvenPlace {
  /** The name of the log. */
  readonly origin: string
  /** Position of the line, from 0. */
  readonly index: number
  /** Lines of the log that the note signs. */
  readonly size: number
  /** The cosignatures that hold, of witnesses that the policy names. */
  readonly witnesses: readonly { readonly name: string; readonly atSeconds: number | undefined }[]
  /** `unanchored`: without a policy nothing shows who signed the note. */
  readonly state: 'anchored' | 'unanchored' | 'below_quorum'
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
  const note = parseNote(checkpoint)
  const head = note && parseTreeHead(note.body)
  if (note === undefined || head === undefined) return 'its checkpoint is not a signed note of a log'
  const { origin, size } = head
  const root = rootOfInclusion(leafHash(entryOf(digestOfLine(line))), { index, size, proof: hashes })
  if (root === undefined) return `its proof is not one for line ${index} of a log with ${size} lines`
  if (Buffer.compare(root, head.root) !== 0) return 'its line is not in the log that the note signs'
  const place = { origin, index, size }
  if (policy === undefined) return { ...place, witnesses: [], state: 'unanchored' }
  const signatures = await findSignatures(note, origin, policy)
  if (typeof signatures === 'string') return signatures
  const witnesses = signatures
    .filter(({ key }) => key.type === 'witness')
    .map(({ key, time }) => ({ name: key.name, atSeconds: time }))
  return { ...place, witnesses, state: meetsQuorum(policy, signatures) ? 'anchored' : 'below_quorum' }
}

async function findSignatures(
  note: Note,
  origin: string,
  { logs, witnesses }: Policy,
): Promise<VerifiedSignature[] | string> {
  const keys = [...logs, ...witnesses].map(({ key }) => key)
  const signatures = await verifyNote(note, keys)
  if (signatures === undefined) return 'a signature of its note does not hold'
  // A log signs under its own name. The policy may name other logs as well.
  const isSigned = signatures.some(({ key }) => key.type === 'log' && key.name === origin)
  return isSigned ? signatures : `no key of ${origin} that the policy names has signed its note`
}
