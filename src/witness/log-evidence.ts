import { formatNote, toBase64 } from '../tlog/note.ts'
import type { Cosigned } from './cosigned-checkpoints.ts'
import type { Submission } from './read-submission.ts'
import { writeLine } from './write-line.ts'

/**
 * Logs a checkpoint that the log signed and that was refused. If it has the size of the cosigned one and
 * another root, it proves that the log forked. Otherwise the proof may just be wrong. A checkpoint holds no
 * personal data.
 */
export function logEvidence(before: Cosigned, { note, head, proof }: Submission): void {
  writeLine('error', {
    event: head.size === before.size ? 'log_forked' : 'checkpoint_refused',
    cosigned: { size: before.size, root: toBase64(before.root) },
    note: formatNote(note),
    proof: proof.map(toBase64),
  })
}
