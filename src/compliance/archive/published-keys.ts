import type { Context } from '../../context.ts'
import type { Archive } from '../../core/ports.ts'
import type { Settings } from '../../core/settings.ts'
import type { ReceiptPublicKey } from '../../crypto/receipt-key.ts'
import { ENDORSEMENTS, type Endorsement, readEndorsement } from './key-endorsement.ts'

interface Dependencies extends Pick<Context, 'receipts'> {
  readonly archive: Pick<Archive, 'list' | 'read'>
  readonly settings: Pick<Settings, 'DISTRUSTED_ROOT_KEYS'>
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
export async function readPublishedKeys(ctx: Dependencies): Promise<ReceiptPublicKey[]> {
  const { receipts, settings } = ctx
  const trusted = receipts.derived.filter(({ isTrusted }) => isTrusted).map(({ key }) => key)
  const distrusted = new Set(receipts.derived.filter(({ isTrusted }) => !isTrusted).map(({ key }) => key.kid))
  const counts = ({ key, version }: Endorsement) =>
    !distrusted.has(key.kid) && !settings.DISTRUSTED_ROOT_KEYS.includes(String(version))
  return await followEndorsements(trusted, await readEndorsements(ctx), counts)
}

/**
 * All keys that this service ever had, those of a distrusted version included. Their signatures prove nothing
 * to others, but they show which segments this service may have written.
 */
export async function readKnownKeys(ctx: Omit<Dependencies, 'settings'>): Promise<ReceiptPublicKey[]> {
  const derived = ctx.receipts.derived.map(({ key }) => key)
  return await followEndorsements(derived, await readEndorsements(ctx), () => true)
}

/** @returns the keys to start with, and all that endorsements which count reach from them */
async function followEndorsements(
  start: readonly ReceiptPublicKey[],
  statements: readonly string[],
  counts: (endorsement: Endorsement) => boolean,
): Promise<ReceiptPublicKey[]> {
  const reached = new Map(start.map((key) => [key.kid, key]))
  for (let before = 0; before < reached.size; ) {
    before = reached.size
    const read = await Promise.all(statements.map((jws) => readEndorsement(jws, reached)))
    for (const one of read) if (one && counts(one)) reached.set(one.key.kid, one.key)
  }
  return [...reached.values()]
}
