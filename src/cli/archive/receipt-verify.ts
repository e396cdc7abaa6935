import type { FindKey } from '../../compliance/archive/format/signed-head.ts'
import { isProofFile } from '../../compliance/archive/proof/proof-file.ts'
import { type ArchiveBytes, readKey } from '../../compliance/archive/verify/archive-source.ts'
import type { CommandResult } from '../shared/command-result.ts'
import { UsageError } from '../shared/usage-error.ts'
import { type Anchor, type AnchorChoice, namesThumbprint, readAnchor } from './anchors.ts'
import { type DistrustChoice, type Distrusts, readDistrusts } from './distrusts.ts'
import {
  type ErasureReceipt,
  findErasureEvents,
  findsItsPlace,
  type SignedReceipt,
  verifyErasureReceipt,
} from './erasure-receipt.ts'
import { isCovered } from './is-covered.ts'
import type { PolicyChoice } from './log-trust.ts'
import { openArchive } from './open-archive.ts'
import { proofVerify } from './proof-verify.ts'
import { readingToTheEnd } from './reading.ts'
import { receiptLines } from './receipt-words.ts'
import { readText } from './saved-checkpoint.ts'

/**
 * Checks an erasure receipt, or a proof file.
 * @param path `-` for standard input
 * @throws UsageError
 * @throws UnreadableError
 */
export async function receiptVerify(
  path: string,
  choice: AnchorChoice & DistrustChoice & PolicyChoice,
): Promise<CommandResult> {
  const text = readText(path)
  if (isProofFile(text)) return await readingToTheEnd(() => proofVerify(text, choice))
  if (choice.policy !== undefined) throw new UsageError('--policy is for a proof file, and this is a bare receipt.')
  const jws = text.trim()
  const distrusts = readDistrusts(choice)
  return await readingToTheEnd(async () => {
    // Where the receipt stands in the archive tells whether a distrusted key counts.
    const needed = [choice.dir, choice.remote, choice.persistTo, choice.distrust]
    const namesArchive = needed.some((value) => value !== undefined)
    const namesKey = choice.key !== undefined || choice.url !== undefined
    if (namesKey && !namesArchive && !namesThumbprint(choice)) {
      const anchor = await readAnchor(choice)
      return await check(jws, { anchor, archive: undefined, distrusts })
    }
    return await openArchive(choice, async (archive) =>
      check(jws, { anchor: await readAnchor(choice, archive), archive, distrusts }),
    )
  })
}

interface Held {
  readonly anchor: Anchor | undefined
  /** Undefined when there is none to look in. */
  readonly archive: ArchiveBytes | undefined
  readonly distrusts: Distrusts
}

async function check(jws: string, held: Held) {
  const { anchor, archive } = held
  const findKey: FindKey = async (kid) =>
    (await anchor?.find(kid)) ?? (anchor?.isNamed || !archive ? undefined : await readKey(archive, kid))
  const verified = await verifyErasureReceipt(jws, findKey)
  if (typeof verified === 'string') return refuse(verified)
  const place = await findPlace(jws, verified, held, findKey)
  if (place !== undefined && 'finding' in place) return refuse(place.finding)
  const isAnchored = (await anchor?.find(verified.kid)) !== undefined && place?.isCovered !== false
  return report(verified, place, isAnchored ? anchor : undefined)
}

interface Place {
  /** The segment that names the receipt, or that a receipt of a version before 0.3.0 names. */
  readonly segment: number
  /** False if a distrusted key is all that shows that the segment is genuine. */
  readonly isCovered: boolean
}

/** @returns undefined when there is no archive to look in */
async function findPlace(
  jws: string,
  { receipt: { archive: named }, kid }: SignedReceipt,
  { anchor, archive, distrusts }: Held,
  findKey: FindKey,
): Promise<Place | { readonly finding: string } | undefined> {
  if (archive === undefined) return undefined
  if (named !== undefined) {
    if (distrusts.names(kid)) return { finding: UNDATED }
    if (await findsItsPlace(named, archive)) return { segment: named.sequence, isCovered: true }
    return {
      finding: `the receipt is signed, but the archive has no segment ${named.sequence} with the hash that it names`,
    }
  }
  let outcome: Place | { readonly finding: string } | undefined
  for await (const { segment, head } of findErasureEvents(jws, { archive, findKey })) {
    const { sequence } = segment.header
    if (distrusts.isAbove(kid, sequence) || distrusts.isAbove(head.kid, sequence)) {
      outcome ??= { finding: `segment ${sequence} names the receipt, where a key of --distrust no longer counts` }
      continue
    }
    if (!distrusts.names(kid) && !distrusts.names(head.kid)) return { segment: sequence, isCovered: true }
    // An attacker who has the distrusted key could have planted the segment. A newer key must have continued
    // it.
    const isHeld = anchor !== undefined && (await isCovered(archive, head, { findAnchor: anchor.find, distrusts }))
    if (isHeld) return { segment: sequence, isCovered: true }
    outcome = { segment: sequence, isCovered: false }
  }
  return (
    outcome ?? { finding: 'the receipt is signed, but no signed segment of the archive has the event that names it' }
  )
}

const UNDATED =
  'a key of --distrust signed the receipt, and a receipt of before version 0.3.0 does not show when it was signed'

const report = (verified: SignedReceipt, place: Place | undefined, anchor: Anchor | undefined) => ({
  document: {
    ok: anchor !== undefined,
    anchored: anchor !== undefined,
    anchor: anchor?.name ?? null,
    ...verified,
    in_archive: place === undefined ? null : true,
    segment: place?.segment ?? null,
  },
  words: [describe(verified, place, anchor)],
  exitCode: anchor ? (0 as const) : (3 as const),
})

const refuse = (message: string): CommandResult => ({
  document: { ok: false, message },
  words: [`FAILED: ${message}.`],
  exitCode: 1,
})

function describe({ receipt, kid }: SignedReceipt, place: Place | undefined, anchor: Anchor | undefined): string {
  return [
    anchor
      ? `OK: the data of user ${receipt.user_id} was erased.`
      : `NOT ANCHORED: this says that the data of user ${receipt.user_id} was erased, but nothing shows who signed it.`,
    ...receiptLines(receipt),
    ...describePlace(receipt, place),
    ...(anchor ? [`Anchored by ${anchor.name}.`, `This does not prove ${anchor.caveat}.`] : [whyNot(place)]),
    'Signed by the key with this thumbprint:',
    `  ${kid}`,
  ].join('\n')
}

function describePlace({ archive: named }: ErasureReceipt, place: Place | undefined): string[] {
  if (place === undefined) return ['No archive was at hand, so the receipt was not looked for in it.']
  const whole = 'npx --no-install latchkey audit verify checks the whole of it.'
  return named === undefined
    ? [
        `  archive    segment ${place.segment}`,
        `That segment is signed and has the event that names this receipt; ${whole}`,
      ]
    : [
        `  archive    segment ${named.sequence}, SHA-256 ${named.hash}`,
        `The archive has that segment in that place; ${whole}`,
      ]
}

const whyNot = (place: Place | undefined): string => (place?.isCovered === false ? NOT_COVERED : NO_ANCHOR)

const NOT_COVERED =
  'A key of --distrust signed the receipt or its segment, and whoever has that key could have done so as well. ' +
  'Name the newer key that signed the newest segment too (--key), with the whole archive.'

const NO_ANCHOR =
  'The key comes from the archive itself, and whoever can write it could have put it there. ' +
  'Name the key that you kept (--key), or the service (--url https://…).'
