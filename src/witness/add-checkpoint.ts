import { emptyRoot, isConsistent, isSameHash } from '../tlog/merkle.ts'
import { cosignBody, formatNote, formatSignature, type Note, type VerifiedSignature, verifyNote } from '../tlog/note.ts'
import { type Cosigned, findCosigned, replaceCosigned } from './cosigned-checkpoints.ts'
import { logEvidence } from './log-evidence.ts'
import { readSubmission, type Submission } from './read-submission.ts'
import type { WitnessSettings } from './witness-settings.ts'

/** An answer of the specification. */
export interface WitnessAnswer {
  readonly status: 200 | 400 | 403 | 404 | 409 | 422
  readonly text: string
  /** `text/plain` by default. */
  readonly type?: string
}

interface Witness {
  readonly db: D1Database
  readonly settings: WitnessSettings
  /** Unix milliseconds. */
  readonly now: () => number
}

/**
 * Cosigns a checkpoint that continues the newest one that the witness knows (C2SP tlog-witness). The statuses
 * and their order are those of the specification. The checkpoint is stored before its cosignature is given
 * away.
 * @param body of the request, as text
 */
export async function addCheckpoint({ db, settings, now }: Witness, body: string): Promise<WitnessAnswer> {
  const submission = readSubmission(body)
  if (submission === undefined) return { status: 400, text: 'malformed request' }
  const { oldSize, note, head } = submission
  const keys = settings.logs.filter(({ name }) => name === head.origin)
  if (keys.length === 0) return { status: 404, text: 'unknown log' }
  const verified = await verifyNote(note, keys)
  if (verified === undefined || verified.length === 0) return { status: 403, text: 'not signed by the log' }
  if (oldSize > head.size) return { status: 400, text: 'the old size is larger than the checkpoint' }
  const before = await findCosigned(db, head.origin)
  if (oldSize !== before.size) return conflict(before)
  const signed = { body: note.body, signatures: onePerKey(verified) }
  if (!continues(before, submission)) {
    logEvidence(before, { ...submission, note: signed })
    return { status: 422, text: 'not consistent with the checkpoint that was cosigned before' }
  }
  // Read after the row, so that a later size never has an earlier time.
  const time = Math.floor(now() / 1000)
  const cosignatures = await Promise.all(settings.signers.map((signer) => cosignBody(note.body, signer, time)))
  const stored = formatNote({ ...signed, signatures: [...signed.signatures, ...cosignatures] })
  if (!(await replaceCosigned(db, before, { ...head, note: stored, time })))
    return conflict(await findCosigned(db, head.origin))
  return { status: 200, text: cosignatures.map(formatSignature).join('') }
}

/** The answer when the client does not know the newest size. */
const conflict = ({ size }: Cosigned): WitnessAnswer => ({ status: 409, text: `${size}\n`, type: 'text/x.tlog.size' })

/** Whether a proof leads from the cosigned checkpoint to the new one. An empty tree has one root. */
function continues(before: Cosigned, { proof, head }: Submission): boolean {
  const hasRootOfSize = head.size > 0 || isSameHash(head.root, emptyRoot())
  return hasRootOfSize && isConsistent({ oldSize: before.size, oldRoot: before.root, ...head, proof })
}

/** One signature for each key: a note may repeat a line. */
const onePerKey = (verified: readonly VerifiedSignature[]): Note['signatures'] => [
  ...new Map(verified.map(({ key, line }) => [key, line])).values(),
]
