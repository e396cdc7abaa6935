import type { Context } from '../../../context.ts'
import { countsAt, type Distrust, mayCountAt } from '../../../core/distrust.ts'
import type { Archive } from '../../../core/ports.ts'
import type { ReceiptPublicKey } from '../../../crypto/receipt-key.ts'
import { ENDORSEMENTS, type Endorsement, readEndorsement } from './key-endorsement.ts'

interface Dependencies extends Pick<Context, 'receipts'> {
  readonly archive: Pick<Archive, 'list' | 'read'>
  readonly settings: { readonly DISTRUSTED_ROOT_KEYS: readonly Distrust[] }
}

/**
 * The most endorsements that are read. A rotation adds one or two. An attacker who can write the archive
 * could add any number of others, and each would cost a read.
 */
export const MAX_ENDORSEMENTS = 50

/** The endorsements in the archive, unchecked. */
export async function readEndorsements({ archive }: Pick<Dependencies, 'archive'>): Promise<string[]> {
  const paths = await archive.list(ENDORSEMENTS, MAX_ENDORSEMENTS)
  const texts = await Promise.all(paths.map((path) => archive.read(path)))
  return texts.filter((text) => text !== undefined)
}

/**
 * The keys whose receipts and checkpoints are genuine: those that the trusted root keys derive, and those
 * that a chain of endorsements reaches from them. Other keys in the archive are ignored, because an attacker
 * who can write the archive could have added them.
 *
 * A version in `DISTRUSTED_ROOT_KEYS` ends a chain. Its key is not published, and its endorsements do not
 * count, whichever key endorsed it.
 */
export const readPublishedKeys = async (ctx: Dependencies): Promise<ReceiptPublicKey[]> =>
  await followPublished(ctx, await readEndorsements(ctx))

/** As `readPublishedKeys`, with the keys of the log that the same endorsements name. */
export async function readEndorsedKeys(ctx: Dependencies): Promise<ReachedKeys> {
  const counts = (version: number | null) => countsAt(ctx.settings.DISTRUSTED_ROOT_KEYS, version)
  return await followWhere(ctx, await readEndorsements(ctx), counts)
}

/** All keys that this service ever had, those of a distrusted version included. */
export const readKnownKeys = async (ctx: Dependencies): Promise<ReceiptPublicKey[]> =>
  await followKnown(ctx, await readEndorsements(ctx))

/** Keys that endorsements lead to. */
interface ReachedKeys {
  /** Keys of receipts and of the archive's heads. */
  readonly keys: ReceiptPublicKey[]
  /** Keys of the log's checkpoints that an endorsement names: vkeys of C2SP signed-note. */
  readonly noteKeys: string[]
}

type Following = Pick<Dependencies, 'receipts' | 'settings'>

/**
 * As `readPublishedKeys`, from endorsements that have been read.
 * @param sequence the segment that was signed. A distrusted version counts up to its position, and so do
 * its endorsements: an attacker who has it could sign such a segment as well
 */
export async function followPublished(ctx: Following, statements: readonly string[], sequence?: number) {
  const counts = (version: number | null) => countsAt(ctx.settings.DISTRUSTED_ROOT_KEYS, version, sequence)
  return (await followWhere(ctx, statements, counts)).keys
}

/**
 * As `readKnownKeys`, from endorsements that have been read. The signatures prove nothing to others, but they
 * show which segments this service may have written. A version that is distrusted at a position counts up to
 * it.
 */
export async function followKnown(ctx: Following, statements: readonly string[], sequence?: number) {
  const counts = (version: number | null) => mayCountAt(ctx.settings.DISTRUSTED_ROOT_KEYS, version, sequence)
  return (await followWhere(ctx, statements, counts)).keys
}

async function followWhere(
  { receipts }: Following,
  statements: readonly string[],
  counts: (version: number | null) => boolean,
): Promise<ReachedKeys> {
  const start = receipts.derived.filter(({ version }) => counts(version)).map(({ key }) => key)
  const excluded = new Set(receipts.derived.filter(({ version }) => !counts(version)).map(({ key }) => key.kid))
  return await followEndorsements(start, statements, ({ key, version }) => !excluded.has(key.kid) && counts(version))
}

/** The thumbprint of the key of a root key that `ROOT_KEYS` no longer has, if a known key endorsed it. */
export async function findEndorsedKid(ctx: Dependencies, version: number): Promise<string | undefined> {
  const statements = await readEndorsements(ctx)
  const known = new Map((await followKnown(ctx, statements)).map((key) => [key.kid, key]))
  const read = await Promise.all(statements.map((jws) => readEndorsement(jws, known)))
  return read.find((one) => one?.version === version)?.key.kid
}

/** @returns the keys to start with, and all that endorsements which count reach from them */
async function followEndorsements(
  start: readonly ReceiptPublicKey[],
  statements: readonly string[],
  counts: (endorsement: Endorsement) => boolean,
): Promise<ReachedKeys> {
  const reached = new Map(start.map((key) => [key.kid, key]))
  const noteKeys = new Set<string>()
  for (let before = 0; before < reached.size; ) {
    before = reached.size
    const read = await Promise.all(statements.map((jws) => readEndorsement(jws, reached)))
    for (const one of read) {
      if (one === undefined || !counts(one)) continue
      reached.set(one.key.kid, one.key)
      if (one.noteKey !== undefined) noteKeys.add(one.noteKey)
    }
  }
  return { keys: [...reached.values()], noteKeys: [...noteKeys] }
}
