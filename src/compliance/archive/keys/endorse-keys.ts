import type { Context } from '../../../context.ts'
import { readEndorsement, signEndorsement } from './key-endorsement.ts'
import { MAX_ENDORSEMENTS, readEndorsements } from './published-keys.ts'

/**
 * Endorses the receipt keys of the other trusted root keys with the newest one, while `ROOT_KEYS` has them.
 * Their signatures can then still be verified after their root keys are removed. Every run of the cron does
 * this. With one root key it calls no store. With more it reads the endorsements and writes the missing ones.
 * Two concurrent runs may write one twice, which changes nothing.
 * @throws Error when the archive has so many endorsements that one more would not be read
 */
export async function endorseKeys({
  archive,
  receipts,
  now,
}: Pick<Context, 'archive' | 'receipts' | 'now'>): Promise<void> {
  const { publicKey, derived } = receipts
  const others = derived.filter(({ key, isTrusted }) => isTrusted && key.kid !== publicKey.kid)
  if (others.length === 0) return
  const signer = new Map([[publicKey.kid, publicKey]])
  const stored = await readEndorsements({ archive })
  const statements = await Promise.all(stored.map((jws) => readEndorsement(jws, signer)))
  const endorsed = new Set(statements.map((statement) => statement && `${statement.version} ${statement.key.kid}`))
  const missing = others.filter(({ version, key }) => !endorsed.has(`${version} ${key.kid}`))
  if (missing.length > 0 && stored.length >= MAX_ENDORSEMENTS) throw new Error('the archive has too many endorsements')
  for (const other of missing) {
    const { path, text } = await signEndorsement(receipts, other, now)
    await archive.create(path, text)
  }
}
