import { type ArchiveBytes, createSegmentSource } from '../../compliance/archive/archive-source.ts'
import type { KeptHead } from '../../compliance/archive/signed-head.ts'
import { type ChainVerdict, verifyChain } from '../../compliance/archive/verify-chain.ts'
import type { CommandResult } from '../shared/command-result.ts'
import { startProgress } from '../shared/progress.ts'
import { type ArchiveChoice, openArchive } from './open-archive.ts'
import { readSavedCheckpoint } from './saved-checkpoint.ts'

interface Choice extends ArchiveChoice {
  /** The path of an earlier checkpoint that the operator kept. */
  readonly checkpoint?: string | undefined
  /** Thumbprints of the only keys to trust. */
  readonly trust?: readonly string[] | undefined
}

/** Verifies the audit archive from its first segment, and reports the first fault. @throws UsageError */
export async function auditVerify(choice: Choice): Promise<CommandResult> {
  return await openArchive(choice, (archive) => verify(archive, choice))
}

async function verify(archive: ArchiveBytes, { checkpoint, trust }: Choice): Promise<CommandResult> {
  const source = createSegmentSource(archive, trust)
  const kept = checkpoint === undefined ? undefined : await readSavedCheckpoint(checkpoint, source.findKey)
  const progress = startProgress('segments')
  try {
    const walk = verifyChain(source, kept)
    let step = await walk.next()
    for (; !step.done; step = await walk.next()) progress.show(step.value.segments, step.value.ofSegments)
    const verdict = step.value
    return { document: documentOf(verdict, kept), words: [describe(verdict, kept)], exitCode: verdict.ok ? 0 : 1 }
  } finally {
    progress.clear()
  }
}

function documentOf(verdict: ChainVerdict, kept: KeptHead | undefined): object {
  if (!verdict.ok) return { ok: false, finding: verdict.finding }
  const { segments, events, head, keys, unsignedTail } = verdict
  return {
    ok: true,
    segments,
    events,
    head: { sequence: head.sequence, hash: head.hash },
    unsigned_tail: unsignedTail,
    continues_segment: kept?.head.sequence ?? null,
    keys,
  }
}

function describe(verdict: ChainVerdict, kept: KeptHead | undefined): string {
  if (!verdict.ok) {
    const { kind, message } = verdict.finding
    return `FAILED (${kind}): ${message}.`
  }
  if (verdict.segments === 0) return 'The archive is empty: there is nothing to verify.'
  const { segments, events, head, keys, unsignedTail } = verdict
  return [
    `OK: ${segments} segments with ${events} events are one unbroken chain.`,
    `Head: segment ${head.sequence}, SHA-256 ${head.hash}`,
    ...(unsignedTail ? [`Segment ${head.sequence} is not signed yet: verify again in a few minutes.`] : []),
    kept
      ? `It continues the checkpoint of segment ${kept.head.sequence} that you kept.`
      : 'Nothing shows that it was not cut short: keep /.well-known/audit-checkpoint, and pass it with --checkpoint.',
    'Signed by the keys with these thumbprints; compare them with those you kept:',
    ...keys.map((kid) => `  ${kid}`),
  ].join('\n')
}
