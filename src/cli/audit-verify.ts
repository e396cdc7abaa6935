import { type ArchiveBytes, createSegmentSource } from '../compliance/archive/archive-source.ts'
import type { KeptHead } from '../compliance/archive/signed-head.ts'
import { type ChainProgress, type ChainVerdict, verifyChain } from '../compliance/archive/verify-chain.ts'
import { expectNoMore, readCommandLine, runCommand, say } from './command-line.ts'
import { readKeptCheckpoint } from './kept-checkpoint.ts'
import { ARCHIVE_HELP, ARCHIVE_OPTIONS, withArchive } from './open-archive.ts'

const HELP = `Walks the audit archive and names the first thing that is wrong with it. Needs no secret.

  npm run audit:verify [-- OPTIONS]

${ARCHIVE_HELP}
  --checkpoint FILE  hold the archive against an earlier checkpoint that you kept: the JSON that
                     /.well-known/audit-checkpoint gave, or the JWS in it. Without one, nobody can tell an archive
                     that was cut short, or written anew with another key, from a true one
  --trust KID        believe only the key with this thumbprint (may be repeated)

Exit code 0: nothing wrong. 1: something is wrong, or the archive could not be read. 2: wrong usage.`

await runCommand(HELP, main)

async function main(argv: readonly string[]): Promise<number> {
  const { values, positionals } = readCommandLine(argv, {
    ...ARCHIVE_OPTIONS,
    checkpoint: { type: 'string' },
    trust: { type: 'string', multiple: true },
  })
  expectNoMore(positionals)
  return await withArchive(values, (archive) => verify(archive, values.checkpoint, values.trust))
}

async function verify(archive: ArchiveBytes, keptPath: string | undefined, trusted: string[] | undefined) {
  const source = createSegmentSource(archive, trusted)
  const kept = keptPath === undefined ? undefined : await readKeptCheckpoint(keptPath, source.findKey)
  const walk = verifyChain(source, kept)
  let step = await walk.next()
  for (; !step.done; step = await walk.next()) showProgress(step.value)
  clearProgress()
  say(describe(step.value, kept))
  return step.value.ok ? 0 : 1
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

const PROGRESS_EVERY = 50

function showProgress({ segments, ofSegments, events }: ChainProgress): void {
  if (!process.stderr.isTTY || segments % PROGRESS_EVERY !== 0) return
  process.stderr.write(`\r\u001b[K${segments} of ${ofSegments} segments, ${events} events`)
}

function clearProgress(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K')
}
