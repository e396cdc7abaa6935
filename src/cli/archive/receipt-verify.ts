import { createSegmentSource } from '../../compliance/archive/archive-source.ts'
import { parseJson } from '../../core/json.ts'
import type { CommandResult } from '../shared/command-result.ts'
import { UsageError } from '../shared/usage-error.ts'
import { findsItsPlace, type SignedReceipt, verifyErasureReceipt } from './erasure-receipt.ts'
import { type ArchiveChoice, openArchive } from './open-archive.ts'
import { fetchKeys, readKeys } from './published-keys.ts'
import { readText } from './saved-checkpoint.ts'

interface Choice extends ArchiveChoice {
  /** The path of the public key. */
  readonly key?: string | undefined
  /** The origin of a service that publishes the key. */
  readonly url?: string | undefined
}

/** Checks an erasure receipt. @param path `-` for standard input @throws UsageError */
export async function receiptVerify(path: string, choice: Choice): Promise<CommandResult> {
  const jws = readText(path).trim()
  const findKey = await findKeyElsewhere(choice.key, choice.url)
  const namesArchive = [choice.dir, choice.remote, choice.persistTo].some((value) => value !== undefined)
  if (findKey && !namesArchive) return report(await verifyErasureReceipt(jws, findKey), undefined)
  return await openArchive(choice, async (archive) => {
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

/** @param isInPlace undefined when there was no archive to look in */
function report(verified: SignedReceipt | string, isInPlace: boolean | undefined): CommandResult {
  if (typeof verified === 'string') return refuse(verified)
  const { sequence } = verified.receipt.archive
  if (isInPlace === false)
    return refuse(`the receipt is signed, but the archive has no segment ${sequence} with the hash that it names`)
  return {
    document: { ok: true, ...verified, in_archive: isInPlace ?? null },
    words: [describe(verified, isInPlace === true)],
  }
}

const refuse = (message: string): CommandResult => ({
  document: { ok: false, message },
  words: [`FAILED: ${message}.`],
  exitCode: 1,
})

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
      ? 'The archive has that segment in that place; npx --no-install latchkey audit verify checks the whole of it.'
      : 'No archive was at hand, so that segment was not looked for.',
    'Signed by the key with this thumbprint; compare it with the one you kept:',
    `  ${kid}`,
  ].join('\n')
}

/** Formats one line for each step. Steps may be a list or an object with names. */
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
