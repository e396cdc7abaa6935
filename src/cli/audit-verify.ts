/** Walks the audit archive and names the first thing that is wrong with it. Needs no key and no secret. */
import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { type ArchiveSource, readSignedHead, type SignedHead, verifyChain } from '../compliance/archive/verify-chain.ts'
import { withArchive } from './archive-source.ts'
import { runCommand, say, UsageError } from './command-line.ts'

const USAGE = `usage: npm run audit:verify -- [options]

  (none)             the local archive; the service may be running
  --persist-to DIR   where \`npm run dev\` keeps its data, if it was told
  --dir FOLDER       a downloaded archive: audit/, checkpoints/ and receipt-keys/ below FOLDER
  --remote           the deployed archive, through wrangler's own log-in
  --env NAME         an environment of wrangler.toml
  --checkpoint FILE  a signed head kept earlier: the JWS, or all of /.well-known/audit-checkpoint

Exit code 0: nothing wrong. 1: something is. 2: wrong usage.`

const keptCheckpointSchema = z.object({
  checkpoint: z.string(),
  keys: z.array(z.object({ kid: z.string() })).default([]),
})

interface KeptCheckpoint {
  readonly head: SignedHead | undefined
  /** Thumbprints of the keys that its keeper saw. */
  readonly kids: readonly string[]
}

await runCommand(async () => {
  const { values } = parseArgs({
    options: {
      help: { type: 'boolean', default: false },
      dir: { type: 'string' },
      remote: { type: 'boolean', default: false },
      env: { type: 'string' },
      'persist-to': { type: 'string' },
      checkpoint: { type: 'string' },
    },
  })
  if (values.help) throw new UsageError(USAGE)
  const place = { dir: values.dir, remote: values.remote, environment: values.env, persistTo: values['persist-to'] }
  return withArchive(place, async (source) => verify(source, values.checkpoint))
})

async function verify(source: ArchiveSource, checkpointFile: string | undefined): Promise<boolean> {
  const kept = checkpointFile === undefined ? undefined : await readKept(source, checkpointFile)
  if (kept !== undefined && kept.head === undefined) {
    say('FAILED forged-head: the kept checkpoint is not signed by a key of this archive.')
    return false
  }
  const report = await verifyChain(source, { earlier: kept?.head, onProgress: showProgress })
  if (!report.ok) {
    say(`FAILED ${report.finding.kind} at segment ${report.finding.sequence}: ${report.finding.explanation}`)
    return false
  }
  const { head, keys, hasUnsignedTail } = report
  say(`OK ${head.sequence} segments, ${head.eventCount} events, newest ${head.hash}`)
  if (hasUnsignedTail) say('The newest segment is not signed yet: run this again in a minute.')
  for (const [kid, sequence] of keys) say(`signed from segment ${sequence} on with key ${kid}${noteOn(kid, kept)}`)
  if (kept === undefined)
    say(
      'Compare the key with one you know, or keep a checkpoint: whoever can write the bucket could replace all of it.',
    )
  return true
}

function noteOn(kid: string, kept: KeptCheckpoint | undefined): string {
  return kept === undefined || kept.kids.includes(kid)
    ? ''
    : ' (NOT in your checkpoint: ask the operator about a rotation)'
}

async function readKept(source: ArchiveSource, file: string): Promise<KeptCheckpoint> {
  const text = await readFile(file, 'utf8')
  if (!text.trimStart().startsWith('{')) {
    const kid = z.object({ kid: z.string() }).parse(JSON.parse(atob(text.split('.')[0] ?? ''))).kid
    return { head: await readSignedHead(source, text), kids: [kid] }
  }
  const { checkpoint, keys } = keptCheckpointSchema.parse(JSON.parse(text))
  return { head: await readSignedHead(source, checkpoint), kids: keys.map(({ kid }) => kid) }
}

function showProgress(sequence: number, total: number): void {
  if (process.stderr.isTTY && (sequence % 100 === 0 || sequence === total))
    process.stderr.write(`\r${sequence} of ${total}`)
  if (process.stderr.isTTY && sequence === total) process.stderr.write('\n')
}
