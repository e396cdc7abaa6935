import * as z from 'zod'
import { userIdSchema } from '../core/ids.ts'
import { SESSION_SNAPSHOT_SECONDS, SESSION_TOMBSTONE_SECONDS } from '../core/lifetimes.ts'
import type { SessionCache } from '../core/ports.ts'
import { withTimeLimit } from './time-limit.ts'

const READ_LIMIT_MS = 500

const snapshotSchema = z.object({
  userId: userIdSchema,
  roles: z.array(z.string()),
  amr: z.array(z.string()),
  authTimeMs: z.number(),
  expiresAtMs: z.number(),
  /** After this the database is asked again, whatever KV still serves. */
  staleAtMs: z.number(),
})

const snapshotKey = (id: string) => `session:${id}`
const tombstoneKey = (id: string) => `revoked:${id}`

/**
 * Session snapshots in KV. A snapshot says itself when it is stale (60 s), so a revocation is seen within a minute
 * even when its tombstone was never written. Tombstones have keys of their own: a late snapshot cannot undo one.
 */
export function createSessionCache(kv: KVNamespace, now: () => number): SessionCache {
  return {
    async find(id) {
      try {
        const reads = Promise.all([kv.get(tombstoneKey(id)), kv.get(snapshotKey(id), 'json')])
        const [tombstone, stored] = await withTimeLimit(reads, READ_LIMIT_MS)
        if (tombstone !== null) return 'revoked'
        const snapshot = snapshotSchema.safeParse(stored)
        if (!snapshot.success || snapshot.data.staleAtMs <= now()) return 'unknown'
        const { staleAtMs: _, ...rest } = snapshot.data
        return rest
      } catch {
        return 'unknown'
      }
    },
    async remember(id, snapshot) {
      const stored = JSON.stringify({ ...snapshot, staleAtMs: now() + SESSION_SNAPSHOT_SECONDS * 1000 })
      await kv.put(snapshotKey(id), stored, { expirationTtl: SESSION_SNAPSHOT_SECONDS }).catch(() => undefined)
    },
    async revoke(id) {
      await kv.put(tombstoneKey(id), '1', { expirationTtl: SESSION_TOMBSTONE_SECONDS }).catch(() => undefined)
    },
  }
}
