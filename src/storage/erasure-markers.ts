import { inChunks } from '../core/chunks.ts'
import type { UserId } from '../core/ids.ts'
import type { ErasureMarker, ErasureMarkers } from '../core/ports.ts'
import type { VaultBuckets } from './key-bucket.ts'
import { withTimeLimit } from './time-limit.ts'

const LIMIT_MS = 10_000
const PREFIX = 'erased/'

/** Path in R2 of the marker of an erased user. */
const markerPath = (userId: string): string => PREFIX + userId

/** Metadata of a marker: its statement, so that a listing shows it and no object need be read. */
const STATEMENT = 'statement'

/**
 * Markers of erased users: `erased/<userId>` holds a signed statement, and has it in its metadata too.
 * Written to the vault and to its mirror.
 */
export function createErasureMarkers({ vault, mirror }: VaultBuckets): ErasureMarkers {
  return {
    async mark(userId, statement) {
      const customMetadata = { [STATEMENT]: statement }
      const mark = (bucket: R2Bucket) => bucket.put(markerPath(userId), statement, { customMetadata })
      await withTimeLimit(Promise.all([mark(vault), mirror && mark(mirror)]), LIMIT_MS)
    },
    async find(userIds) {
      const found = await inChunks(userIds, (userId) => readMarker(vault, userId))
      return found.filter((marker) => marker !== undefined)
    },
    async list(cursor, limit) {
      const include: ['customMetadata'] = ['customMetadata']
      const page = await withTimeLimit(
        vault.list({ prefix: PREFIX, limit, include, ...(cursor && { cursor }) }),
        LIMIT_MS,
      )
      const markers = page.objects.map(({ key, customMetadata }) => ({
        userId: key.slice(PREFIX.length) as UserId,
        statement: customMetadata?.[STATEMENT],
      }))
      return { markers, cursor: page.truncated ? page.cursor : undefined }
    },
  }
}

/** Reads a marker. A copy of the bucket may have lost the metadata, but not the contents. */
export async function readMarker(vault: R2Bucket, userId: UserId): Promise<ErasureMarker | undefined> {
  const marker = await withTimeLimit(vault.get(markerPath(userId)), LIMIT_MS)
  if (marker === null) return undefined
  const text = await withTimeLimit(marker.text(), LIMIT_MS)
  return { userId, statement: text === '' ? undefined : text }
}
