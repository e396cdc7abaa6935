import * as z from 'zod'
import { type SessionId, userIdSchema } from '../core/ids.ts'
import { SESSION_SNAPSHOT_SECONDS, SESSION_TOMBSTONE_SECONDS } from '../core/lifetimes.ts'
import type { SessionCache, SessionSnapshot } from '../core/ports.ts'
import type { LruMap } from './lru.ts'
import { withTimeLimit } from './time-limit.ts'

const READ_LIMIT_MS = 500

/** Snapshots that this isolate has seen in the last seconds, by session id. */
export type RecentSnapshots = LruMap<StoredSnapshot>

type StoredSnapshot = z.infer<typeof snapshotSchema>

const snapshotSchema = z.object({
  userId: userIdSchema,
  roles: z.array(z.string()),
  amr: z.array(z.string()),
  authTimeMs: z.number(),
  expiresAtMs: z.number(),
  /** After this time the database is asked again, even if KV still returns the snapshot. */
  staleAtMs: z.number(),
})

const snapshotKey = (id: string) => `session:${id}`
const tombstoneKey = (id: string) => `revoked:${id}`

/**
 * Session snapshots and tombstones in KV. A snapshot contains the time when it becomes stale (after 60 s), so
 * a revocation takes effect within a minute even if its tombstone was never written. Tombstones have keys of
 * their own, so a snapshot that is written late cannot overwrite one.
 * @param recent keeps snapshots for a few seconds, so that a busy session does not read KV for each request.
 * A session that this isolate remembers or revokes is removed from it.
 */
export function createSessionCache(kv: KVNamespace, recent: RecentSnapshots, now: () => number): SessionCache {
  async function read(id: SessionId): Promise<StoredSnapshot | 'revoked' | 'unknown'> {
    try {
      const reads = Promise.all([kv.get(tombstoneKey(id)), kv.get(snapshotKey(id), 'json')])
      const [tombstone, stored] = await withTimeLimit(reads, READ_LIMIT_MS)
      return tombstone === null ? (snapshotSchema.safeParse(stored).data ?? 'unknown') : 'revoked'
    } catch {
      return 'unknown'
    }
  }
  return {
    async find(id) {
      const known = recent.get(id)
      const found = known ?? (await read(id))
      if (typeof found === 'string') return found
      if (found.staleAtMs <= now()) return 'unknown'
      if (known === undefined) recent.set(id, found)
      return toSnapshot(found)
    },
    async remember(id, snapshot) {
      const stored = { ...snapshot, staleAtMs: now() + SESSION_SNAPSHOT_SECONDS * 1000 }
      const options = { expirationTtl: SESSION_SNAPSHOT_SECONDS }
      recent.delete(id)
      await kv.put(snapshotKey(id), JSON.stringify(stored), options).catch(() => undefined)
    },
    async revoke(id) {
      recent.delete(id)
      await kv.put(tombstoneKey(id), '1', { expirationTtl: SESSION_TOMBSTONE_SECONDS }).catch(() => undefined)
    },
  }
}

const toSnapshot = ({ staleAtMs: _, ...snapshot }: StoredSnapshot): SessionSnapshot => snapshot
