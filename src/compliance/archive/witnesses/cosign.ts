import type { Witnessing } from '../../../context.ts'
import { log } from '../../../core/log.ts'
import { HOUR_MS } from '../../../core/time.ts'
import { formatNote, parseNote } from '../../../tlog/note.ts'
import { type KnownWitness, meetsQuorum } from '../../../tlog/policy.ts'
import { raiseAlarm } from '../../alarms/raise-alarm.ts'
import type { PublishedLog, SignedTree } from '../format/signed-tree.ts'
import { askWitness } from './ask-witness.ts'
import { type Cosignature, findCosignature } from './find-cosignature.ts'
import { createProver } from './prove-growth.ts'

interface Cosigned {
  /** The note of the candidate, with all valid cosignatures. */
  readonly note: string
  /** Whether the cosignatures meet the quorum of the policy. True without a policy. */
  readonly isMet: boolean
}

/** A cosignature of the same note is renewed after this time. It shows until when the log had not grown. */
const RENEWED_AFTER_MS = HOUR_MS

/**
 * Asks all witnesses of the policy at once to cosign a checkpoint. What one of them answers has no effect on
 * the others. Takes as long as the slowest one: see `askWitness`. Sends the checkpoint and proofs, which are
 * public, and no personal data.
 * @param before the published checkpoint, which the candidate is to replace. A witness that cosigned it is
 * believed to continue from its size
 */
export async function cosign(
  ctx: Witnessing,
  candidate: SignedTree,
  before: PublishedLog | undefined,
): Promise<Cosigned> {
  const { WITNESSES: policy } = ctx.settings
  const note = parseNote(candidate.note)
  if (policy === undefined || note === undefined) return { note: candidate.note, isMet: policy === undefined }
  const { body } = note
  const { size } = candidate.edge
  const asked = { text: candidate.note, note, size, prove: createProver(ctx.archive, candidate.edge) }
  const published = before && parseNote(before.note)
  let isRefused = false

  async function cosignatureOf(witness: KnownWitness): Promise<Cosignature | undefined> {
    const known = published && (await findCosignature(published, witness.key))
    const kept = published?.body === body ? known : undefined
    if (kept && kept.time * 1000 > ctx.now - RENEWED_AFTER_MS) return kept
    const answer = await askWitness(ctx, witness, asked, known ? Math.min(before?.edge.size ?? 0, size) : 0)
    if ('line' in answer) return answer
    log('warn', 'witness_failed', { witness: witness.name, reason: answer.failure })
    isRefused ||= answer.failure === 'refused'
    return kept
  }

  const cosignatures = (await Promise.all(policy.witnesses.map(cosignatureOf))).filter((one) => one !== undefined)
  if (isRefused) await raiseAlarm(ctx, 'witness_refused')
  const signatures = [...note.signatures, ...cosignatures.map(({ line }) => line)]
  return { note: formatNote({ body, signatures }), isMet: meetsQuorum(policy, cosignatures) }
}
