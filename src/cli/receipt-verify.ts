import { createSegmentSource, parseJson } from '../compliance/archive/archive-source.ts'
import { readCommandLine, runCommand, say, UsageError } from './command-line.ts'
import { findsItsPlace, type SignedReceipt, verifyErasureReceipt } from './erasure-receipt.ts'
import { readText } from './kept-checkpoint.ts'
import { ARCHIVE_HELP, ARCHIVE_OPTIONS, withArchive } from './open-archive.ts'
import { fetchKeys, readKeys } from './published-keys.ts'

const HELP = `Checks an erasure receipt: who signed it, and that the archive still has the segment it names. Needs no secret.

  npm run receipt:verify -- FILE [OPTIONS]      (FILE may be - for standard input)

The key that signed it, and the archive:
${ARCHIVE_HELP}
The key alone, from elsewhere; with --dir, --remote or --persist-to the archive is looked at all the same:
  --key FILE         a JWK, or the JSON that /.well-known/audit-checkpoint gave
  --url ORIGIN       the running service, such as https://id.example

Exit code 0: genuine. 1: not genuine, or its key or archive could not be read. 2: wrong usage.`

await runCommand(HELP, main)

async function main(argv: readonly string[]): Promise<number> {
  const { values, positionals } = readCommandLine(argv, {
    ...ARCHIVE_OPTIONS,
    key: { type: 'string' },
    url: { type: 'string' },
  })
  const [path, ...others] = positionals
  if (path === undefined || others.length > 0) throw new UsageError('Name one file.')
  if (values.key !== undefined && values.url !== undefined) throw new UsageError('Name one key: --key or --url.')
  const jws = readText(path).trim()
  const findKey = await findKeyElsewhere(values.key, values.url)
  const namesArchive = [values.dir, values.remote, values['persist-to']].some((value) => value !== undefined)
  if (findKey && !namesArchive) return report(await verifyErasureReceipt(jws, findKey), undefined)
  return await withArchive(values, async (archive) => {
    const source = createSegmentSource(archive)
    const verified = await verifyErasureReceipt(jws, findKey ?? source.findKey)
    const isInPlace = typeof verified !== 'string' && (await findsItsPlace(verified.receipt, source.readSegment))
    return report(verified, isInPlace)
  })
}

async function findKeyElsewhere(keyPath: string | undefined, origin: string | undefined) {
  if (origin !== undefined) return await fetchKeys(origin)
  if (keyPath === undefined) return undefined
  const findKey = readKeys(parseJson(readText(keyPath)))
  if (findKey === undefined) throw new UsageError(`${keyPath} holds no public key.`)
  return findKey
}

/** @param isInPlace undefined when no archive was at hand @returns the exit code */
function report(verified: SignedReceipt | string, isInPlace: boolean | undefined): number {
  if (typeof verified === 'string') {
    say(`FAILED: ${verified}.`)
    return 1
  }
  const { sequence } = verified.receipt.archive
  if (isInPlace === false) {
    say(`FAILED: the receipt is signed, but the archive has no segment ${sequence} with the hash that it names.`)
    return 1
  }
  say(describe(verified, isInPlace === true))
  return 0
}

function describe({ receipt, kid }: SignedReceipt, isInPlace: boolean): string {
  const { sequence, hash } = receipt.archive
  return [
    `OK: the data of user ${receipt.user_id} was erased.`,
    `  basis      ${receipt.basis}`,
    `  requested  ${receipt.requested_at ?? '-'}`,
    `  started    ${receipt.started_at ?? '-'}`,
    `  completed  ${receipt.completed_at ?? '-'}`,
    '  steps',
    ...stepLines(receipt.steps).map((line) => `    ${line}`),
    `  archive    segment ${sequence}, SHA-256 ${hash}`,
    isInPlace
      ? 'The archive has that segment in that place; npm run audit:verify checks the whole of it.'
      : 'No archive was at hand, so that segment was not looked for.',
    'Signed by the key with this thumbprint; compare it with the one you kept:',
    `  ${kid}`,
  ].join('\n')
}

/** One line a step, for a list of steps as for steps by name. */
function stepLines(steps: unknown): string[] {
  if (typeof steps !== 'object' || steps === null) return [JSON.stringify(steps) ?? '-']
  return Object.entries(steps).map(([name, step]) => (Array.isArray(steps) ? fields(step) : `${name}: ${fields(step)}`))
}

function fields(step: unknown): string {
  if (typeof step !== 'object' || step === null) return String(step)
  return Object.entries(step)
    .map(([name, value]) => `${name} ${typeof value === 'object' ? JSON.stringify(value) : value}`)
    .join(', ')
}
