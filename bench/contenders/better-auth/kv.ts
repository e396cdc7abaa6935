import type { SecondaryStorage } from 'better-auth'
import { createAuth, type Env, serve } from './auth.ts'

interface KvEnv extends Env {
  readonly KV: KVNamespace
}

/** The minimum of KV. */
const MIN_TTL_SECONDS = 60

const expiry = (ttl: number | undefined) =>
  ttl === undefined ? {} : { expirationTtl: Math.max(MIN_TTL_SECONDS, Math.ceil(ttl)) }

/**
 * Follows https://better-auth.com/docs/concepts/database#secondary-storage, with KV as the store. KV has no
 * atomic operations.
 */
const inKv = (kv: KVNamespace): SecondaryStorage => ({
  get: (key) => kv.get(key),
  set: (key, value, ttl) => kv.put(key, value, expiry(ttl)),
  delete: (key) => kv.delete(key),
  async getAndDelete(key) {
    const value = await kv.get(key)
    await kv.delete(key)
    return value
  },
  async increment(key, ttl) {
    const count = Number((await kv.get(key)) ?? 0) + 1
    await kv.put(key, String(count), expiry(ttl))
    return count
  },
})

export default serve((env: KvEnv) => createAuth(env, { secondaryStorage: inKv(env.KV) }))
