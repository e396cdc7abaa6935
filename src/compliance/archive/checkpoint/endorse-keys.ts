import type { Endorsing } from '../../../context.ts'
import { formatNoteKey } from '../../../tlog/note.ts'
import { type Endorsement, readEndorsement, signEndorsement } from '../keys/key-endorsement.ts'
import { deriveLogKeys } from '../keys/log-keys.ts'
import { MAX_ENDORSEMENTS, readEndorsements } from '../keys/published-keys.ts'
import { findOrigin } from '../tree/find-origin.ts'

/**
 * Endorses the keys of the other trusted root keys with the newest one, while `ROOT_KEYS` has them: those of
 * receipts, and those of checkpoints of the log. Their signatures can then still be verified after their root
 * keys are removed. Every run of the cron does this. With one root key it calls no store. With more it reads
 * the endorsements and writes the missing ones. Two concurrent runs may write one twice, which changes
 * nothing.
 * @throws Error when the archive has so many endorsements that one more would not be read
 */
export async function endorseKeys(ctx: Endorsing): Promise<void> {
  const { archive, receipts, now } = ctx
  const { publicKey } = receipts
  const trusted = receipts.derived.filter(({ key, isTrusted }) => isTrusted && key.kid !== publicKey.kid)
  if (trusted.length === 0) return
  const noteKeys = await findNoteKeys(ctx)
  const others = trusted.map(({ version, key }) => ({ version, key, noteKey: noteKeys.get(version) }))
  const signer = new Map([[publicKey.kid, publicKey]])
  const stored = await readEndorsements({ archive })
  const statements = await Promise.all(stored.map((jws) => readEndorsement(jws, signer)))
  const endorsed = new Set(statements.map((statement) => statement && nameOf(statement)))
  const missing = others.filter((other) => !endorsed.has(nameOf(other)))
  if (missing.length > 0 && stored.length >= MAX_ENDORSEMENTS) throw new Error('the archive has too many endorsements')
  for (const other of missing) {
    const { path, text } = await signEndorsement(receipts, other, now)
    await archive.create(path, text)
  }
}

/** An endorsement of version 0.2.0 has no key of the log. It is made again, with one. */
const nameOf = ({ version, key, noteKey }: Pick<Endorsement, 'version' | 'key' | 'noteKey'>): string =>
  `${version} ${key.kid} ${noteKey}`

async function findNoteKeys(ctx: Endorsing): Promise<ReadonlyMap<number, string>> {
  const { derived } = await deriveLogKeys(ctx, await findOrigin(ctx))
  return new Map(derived.map(({ version, key }) => [version, formatNoteKey(key)]))
}
