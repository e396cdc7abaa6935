import { LOG_KEY_OWNER } from '../core/key-owner.ts'
import type { LogVault } from '../core/ports.ts'
import { deriveFromDataKey, newDataKey, wrapDataKey } from '../crypto/data-key.ts'
import type { KeyRing } from '../crypto/key-ring.ts'
import { createKeyBucket, type VaultBuckets } from './key-bucket.ts'
import { vaultPath } from './key-vault.ts'
import { textWithin } from './text-within.ts'
import { withTimeLimit } from './time-limit.ts'

const LIMIT_MS = 3000

/** A checkpoint has less than 1,000. */
const MOST_BYTES = 2 ** 16

/** The newest checkpoint. */
const MARK = 'log/mark'

/**
 * What the vault holds for the archive. Nothing is cached: the consumer of events reads both objects once for
 * each batch.
 */
export function createLogVault({ vault, mirror, ring }: VaultBuckets & { readonly ring: KeyRing }): LogVault {
  const limited = <T>(work: Promise<T>) => withTimeLimit(work, LIMIT_MS)
  const copies: Promise<unknown>[] = []
  const keys = createKeyBucket({ vault, mirror }, (copy) => copies.push(copy))

  async function findNameKey(): Promise<Uint8Array | undefined> {
    const stored = await keys.get(vaultPath(LOG_KEY_OWNER))
    return stored && deriveFromDataKey(ring, LOG_KEY_OWNER, { wrapped: stored.text, purpose: 'segment-name' })
  }

  return {
    findNameKey,
    async createNameKey() {
      const raw = newDataKey()
      const wrapped = await wrapDataKey(ring, LOG_KEY_OWNER, raw)
      raw.fill(0)
      await keys.create(vaultPath(LOG_KEY_OWNER), wrapped, ring.newest.version)
      await Promise.all(copies.splice(0))
      const created = await findNameKey()
      if (created === undefined) throw new Error('the vault lost a key that it has just stored')
      return created
    },
    async readMark() {
      const object = await limited(vault.get(MARK))
      return object === null
        ? undefined
        : { checkpoint: await limited(textWithin(object, MOST_BYTES)), etag: object.etag }
    },
    async writeMark(checkpoint, before) {
      const onlyIf = before === undefined ? { etagDoesNotMatch: '*' } : { etagMatches: before.etag }
      await limited(vault.put(MARK, checkpoint, { onlyIf }))
    },
  }
}
