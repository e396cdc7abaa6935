import type { NotedTree } from '../../../tlog/checkpoint.ts'
import { type Note, type VerifiedSignature, verifyNote } from '../../../tlog/note.ts'
import { findQuorumTime, meetsQuorum, type Policy } from '../../../tlog/policy.ts'

/** Who has signed a note. */
export interface JudgedNote {
  /** The cosignatures that hold, of witnesses that the policy names. */
  readonly witnesses: readonly { readonly name: string; readonly atSeconds: number | undefined }[]
  /**
   * Since when a quorum of the witnesses has signed. Unix seconds; undefined if the policy asks for none, or
   * too few have signed.
   */
  readonly quorumAtSeconds: number | undefined
  /** `unanchored`: without a policy nothing shows who signed the note. */
  readonly state: 'anchored' | 'unanchored' | 'below_quorum'
}

/**
 * Checks who has signed the note of a log.
 * @param policy which logs and witnesses are believed
 * @returns a sentence if a signature does not hold, or none is of the log
 */
export async function judgeNote(
  { note, head: { origin } }: NotedTree,
  policy: Policy | undefined,
): Promise<JudgedNote | string> {
  if (policy === undefined) return { witnesses: [], quorumAtSeconds: undefined, state: 'unanchored' }
  const signatures = await findSignatures(note, origin, policy)
  if (typeof signatures === 'string') return signatures
  const witnesses = signatures
    .filter(({ key }) => key.type === 'witness')
    .map(({ key, time }) => ({ name: key.name, atSeconds: time }))
  return {
    witnesses,
    quorumAtSeconds: findQuorumTime(policy, signatures),
    state: meetsQuorum(policy, signatures) ? 'anchored' : 'below_quorum',
  }
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
