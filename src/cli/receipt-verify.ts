/** Checks the receipt of an erasure, years later and without any secret. */
import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { hashSegment, receiptKeyPath, segmentPath } from '../compliance/archive/segment.ts'
import type { ArchiveSource } from '../compliance/archive/verify-chain.ts'
import { verifyReceipt } from '../crypto/receipt-key.ts'
import { withArchive } from './archive-source.ts'
import { runCommand, say, UsageError } from './command-line.ts'

const USAGE = `usage: npm run receipt:verify -- FILE [options]      (FILE may be - for standard input)

  (none)             with the keys and segments of the local archive
  --persist-to DIR   where \`npm run dev\` keeps its data, if it was told
  --dir FOLDER       with those of a downloaded archive
  --remote           with those of the deployed archive
  --env NAME         an environment of wrangler.toml
  --key FILE         with this public key (JWK) alone, and no archive

Exit code 0: the receipt is genuine. 1: it is not. 2: wrong usage.`

const receiptSchema = z.object({
  user_id: z.string(),
  basis: z.string(),
  requested_at: z.string(),
  started_at: z.string(),
  completed_at: z.string(),
  steps: z.record(z.string(), z.unknown()),
  archive: z.object({ sequence: z.number(), hash: z.string() }),
})
type Receipt = z.infer<typeof receiptSchema>

await runCommand(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      help: { type: 'boolean', default: false },
      dir: { type: 'string' },
      remote: { type: 'boolean', default: false },
      env: { type: 'string' },
      'persist-to': { type: 'string' },
      key: { type: 'string' },
    },
  })
  const [file] = positionals
  if (values.help || file === undefined) throw new UsageError(USAGE)
  const jws = (file === '-' ? await readStandardInput() : await readFile(file, 'utf8')).trim()
  if (values.key !== undefined) {
    const key: unknown = JSON.parse(await readFile(values.key, 'utf8'))
    return judge(await readReceipt(jws, async () => key))
  }
  const place = { dir: values.dir, remote: values.remote, environment: values.env, persistTo: values['persist-to'] }
  return withArchive(place, async (source) => {
    const receipt = await readReceipt(jws, async (kid) =>
      JSON.parse((await source.read(receiptKeyPath(kid))) ?? 'null'),
    )
    return judge(receipt) && (receipt === undefined || (await judgePosition(source, receipt)))
  })
})

async function readReceipt(jws: string, findKey: (kid: string) => Promise<unknown>): Promise<Receipt | undefined> {
  return receiptSchema.safeParse(await verifyReceipt('latchkey-erasure+jws', jws, findKey)).data
}

function judge(receipt: Receipt | undefined): boolean {
  if (receipt === undefined) {
    say('FAILED: the signature, the kind or the key of this receipt is wrong.')
    return false
  }
  say(`OK user ${receipt.user_id} was erased at ${receipt.completed_at} (${receipt.basis}).`)
  say(`requested ${receipt.requested_at}, begun ${receipt.started_at}`)
  for (const [step, done] of Object.entries(receipt.steps)) say(`${step}: ${JSON.stringify(done)}`)
  return true
}

/** The receipt names the newest segment of its time: the archive must still hold exactly that one. */
async function judgePosition(source: ArchiveSource, { archive: { sequence, hash } }: Receipt): Promise<boolean> {
  if (sequence === 0) return true
  const text = await source.read(segmentPath(sequence))
  const isThere = text !== undefined && (await hashSegment(text)) === hash
  say(
    isThere
      ? `OK the archive holds segment ${sequence} as the receipt names it.`
      : `FAILED: segment ${sequence} is not the one that the receipt names.`,
  )
  return isThere
}

async function readStandardInput(): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString()
}
