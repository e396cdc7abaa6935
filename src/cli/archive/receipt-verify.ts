import { type ArchiveBytes, readKey } from '../../compliance/archive/archive-source.ts'
import type { FindKey } from '../../compliance/archive/signed-head.ts'
import type { CommandResult } from '../shared/command-result.ts'
import { type Anchor, type AnchorChoice, namesThumbprint, readAnchor } from './anchors.ts'
import { findsItsPlace, type SignedReceipt, verifyErasureReceipt } from './erasure-receipt.ts'
import { openArchive } from './open-archive.ts'
import { readingToTheEnd } from './reading.ts'
import { readText } from './saved-checkpoint.ts'

/**
 * Checks an erasure receipt.
 * @param path `-` for standard input
 * @throws UsageError
 * @throws UnreadableError
 */
export async function receiptVerify(path: string, choice: AnchorChoice): Promise<CommandResult> {
  const jws = readText(path).trim()
  return await readingToTheEnd(async () => {
    const namesArchive = [choice.dir, choice.remote, choice.persistTo].some((value) => value !== undefined)
    const namesKey = choice.key !== undefined || choice.url !== undefined
    if (namesKey && !namesArchive && !namesThumbprint(choice)) {
      const anchor = await readAnchor(choice)
      return await check(jws, anchor, undefined)
    }
    return await openArchive(choice, async (archive) => check(jws, await readAnchor(choice, archive), archive))
  })
}

/** @param archive undefined when there is none to look in */
async function check(jws: string, anchor: Anchor | undefined, archive: ArchiveBytes | undefined) {
  const findKey: FindKey = async (kid) =>
    (await anchor?.find(kid)) ?? (anchor?.isNamed || !archive ? undefined : await readKey(archive, kid))
  const verified = await verifyErasureReceipt(jws, findKey)
  if (typeof verified === 'string') return refuse(verified)
  const isInPlace = archive && (await findsItsPlace(verified.receipt, archive))
  if (isInPlace === false) {
    const { sequence } = verified.receipt.archive
    return refuse(`the receipt is signed, but the archive has no segment ${sequence} with the hash that it names`)
  }
  const isAnchored = (await anchor?.find(verified.kid)) !== undefined
  return report(verified, isInPlace, isAnchored ? anchor : undefined)
}

const report = (verified: SignedReceipt, isInPlace: boolean | undefined, anchor: Anchor | undefined) => ({
  document: {
    ok: anchor !== undefined,
    anchored: anchor !== undefined,
    anchor: anchor?.name ?? null,
    ...verified,
    in_archive: isInPlace ?? null,
  },
  words: [describe(verified, isInPlace === true, anchor)],
  exitCode: anchor ? (0 as const) : (3 as const),
})

const refuse = (message: string): CommandResult => ({
  document: { ok: false, message },
  words: [`FAILED: ${message}.`],
  exitCode: 1,
})

function describe({ receipt, kid }: SignedReceipt, isInPlace: boolean, anchor: Anchor | undefined): string {
  const { sequence, hash } = receipt.archive
  return [
    anchor
      ? `OK: the data of user ${receipt.user_id} was erased.`
      : `NOT ANCHORED: this says that the data of user ${receipt.user_id} was erased, but nothing shows who signed it.`,
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
    ...(anchor ? [`Anchored by ${anchor.name}.`, `This does not prove ${anchor.caveat}.`] : [NO_ANCHOR]),
    'Signed by the key with this thumbprint:',
    `  ${kid}`,
  ].join('\n')
}

const NO_ANCHOR =
  'The key comes from the archive itself, and whoever can write it could have put it there. ' +
  'Name the key that you kept (--key), or the service (--url https://…).'

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
