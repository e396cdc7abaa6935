import type { UserId } from '../core/ids.ts'
import type { ErasureMarkers } from '../core/ports.ts'
import { rfc3339 } from '../core/time.ts'
import { withTimeLimit } from './time-limit.ts'

const LIMIT_MS = 10_000
const PREFIX = 'erased/'

/** `erased/<userId>`: an empty object with the time in its metadata. */
export function createErasureMarkers(vault: R2Bucket): ErasureMarkers {
  return {
    async mark(userId, nowMs) {
      const customMetadata = { erased_at: rfc3339(nowMs) }
      await withTimeLimit(vault.put(PREFIX + userId, '', { customMetadata }), LIMIT_MS)
    },
    async list(cursor) {
      const page = await withTimeLimit(vault.list({ prefix: PREFIX, limit: 1000, ...(cursor && { cursor }) }), LIMIT_MS)
      const userIds = page.objects.map(({ key }) => key.slice(PREFIX.length) as UserId)
      return { userIds, cursor: page.truncated ? page.cursor : undefined }
    },
  }
}
