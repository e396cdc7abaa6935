import type { RateLimiter } from '../core/ports.ts'
import type { LruMap } from './lru.ts'
import { withTimeLimit } from './time-limit.ts'

/** Until when this isolate knows keys to be blocked, in Unix milliseconds; forgets after a minute. */
export type KnownBlocks = LruMap<number>

interface LimiterParts {
  readonly kv: KVNamespace
  readonly bindings: { readonly [Name in Parameters<RateLimiter['passesBurstLimit']>[0]]: RateLimit }
  readonly knownBlocks: KnownBlocks
  readonly now: number
}

const READ_LIMIT_MS = 500
const SHIELD_LIMIT_MS = 100
const WRITE_LIMIT_MS = 2000

/** KV's own minimum. */
const MIN_TTL_SECONDS = 60

const blockKey = (key: string): string => `blocked:${key}`

/**
 * Burst shields, and verdicts in KV and in this isolate. A verdict says itself until when it holds. Whatever
 * is not known here, or does not answer, is decided by the counts in the database.
 */
export function createRateLimiter({ kv, bindings, knownBlocks, now }: LimiterParts): RateLimiter {
  function recall(keys: readonly string[]) {
    const blocks = keys.map((key) => ({ key, untilMs: knownBlocks.get(key) ?? 0 }))
    return blocks.find(({ untilMs }) => untilMs > now)
  }

  async function read(key: string) {
    try {
      const untilMs = Number(await withTimeLimit(kv.get(blockKey(key)), READ_LIMIT_MS))
      if (untilMs > now) knownBlocks.set(key, untilMs)
    } catch {
      // The counts decide.
    }
  }

  return {
    recall,
    async passesBurstLimit(burstLimit, key) {
      try {
        return (await withTimeLimit(bindings[burstLimit].limit({ key }), SHIELD_LIMIT_MS)).success
      } catch {
        return true
      }
    },
    async find(keys) {
      await Promise.all(keys.map(read))
      return recall(keys)
    },
    remember({ key, untilMs }) {
      knownBlocks.set(key, untilMs)
    },
    async publish({ key, untilMs }) {
      const expirationTtl = Math.max(MIN_TTL_SECONDS, Math.ceil((untilMs - now) / 1000))
      const write = kv.put(blockKey(key), String(untilMs), { expirationTtl })
      await withTimeLimit(write, WRITE_LIMIT_MS).catch(() => undefined)
    },
    async forget(keys) {
      for (const key of keys) knownBlocks.delete(key)
      const deletions = keys.map((key) => withTimeLimit(kv.delete(blockKey(key)), WRITE_LIMIT_MS))
      await Promise.allSettled(deletions)
    },
  }
}
