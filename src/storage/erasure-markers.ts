import { inChunks } from '../core/chunks.ts'
import type { UserId } from '../core/ids.ts'
import type { ErasureMarkers } from '../core/ports.ts'
import { rfc3339 } from '../core/time.ts'
import type { VaultBuckets } from './key-bucket.ts'
import { withTimeLimit } from './time-limit.ts'

const LIMIT_MS = 10_000
const PREFIX = 'erased/'

/** Path in R2 of the marker of an erased user. */
export const markerPath = (userId: string): string => PREFIX + userId

/**
 * Markers of erased users: an empty object at `erased/<userId>`, with the time of the erasure in its
 * metadata. Written to the vault and to its mirror.
 */
export function createErasureMarkers({ vault, mirror }: VaultBuckets): ErasureMarkers {
  return {
    async mark(userId, nowMs) {
      const customMetadata = { erased_at: rfc3339(nowMs) }
      const mark = (bucket: R2Bucket) => bucket.put(markerPath(userId), '', { customMetadata })
      await withTimeLimit(Promise.all([mark(vault), mirror && mark(mirror)]), LIMIT_MS)
    },
    async find(userIds) {
      const marked = await inChunks(userIds, async (userId) => {
        const marker = await withTimeLimit(vault.head(markerPath(userId)), LIMIT_MS)
        return marker === null ? [] : [userId]
      })
      return marked.flat()
    },
    async list(cursor) {
      const page = await withTimeLimit(vault.list({ prefix: PREFIX, limit: 1000, ...(cursor && { cursor }) }), LIMIT_MS)
      const userIds = page.objects.map(({ key }) => key.slice(PREFIX.length) as UserId)
      return { userIds, cursor: page.truncated ? page.cursor : undefined }
    },
  }
}
