import type { RateLimiter } from '../core/ports.ts'
import type { LruMap } from './lru.ts'
import { withTimeLimit } from './time-limit.ts'

/**
 * The counters that this isolate knows to be over their quota: when the window ends, in Unix milliseconds, by
 * counter key. An entry expires after a minute.
 */
export type ExceededCounters = LruMap<number>

interface LimiterParts {
  readonly kv: KVNamespace
  readonly bindings: { readonly [Name in Parameters<RateLimiter['passesBurstLimit']>[0]]: RateLimit }
  readonly exceededCounters: ExceededCounters
  readonly now: number
}

const READ_LIMIT_MS = 500
const BURST_LIMIT_MS = 100
const WRITE_LIMIT_MS = 2000

/** The shortest lifetime that KV accepts. */
const MIN_TTL_SECONDS = 60

const exceededKey = (key: string): string => `blocked:${key}`

/**
 * Burst limits, and the counters known to be over their quota, in KV and in this isolate. Each entry contains
 * the end of its window, so a stale copy cannot extend it. If a counter is not known here, or KV does not
 * answer, the counters in D1 decide.
 */
export function createRateLimiter({ kv, bindings, exceededCounters, now }: LimiterParts): RateLimiter {
  function recall(keys: readonly string[]) {
    const counters = keys.map((key) => ({ key, untilMs: exceededCounters.get(key) ?? 0 }))
    return counters.find(({ untilMs }) => untilMs > now)
  }

  async function read(key: string) {
    try {
      const untilMs = Number(await withTimeLimit(kv.get(exceededKey(key)), READ_LIMIT_MS))
      if (untilMs > now) exceededCounters.set(key, untilMs)
    } catch {
      // The counters in D1 decide.
    }
  }

  return {
    recall,
    async passesBurstLimit(burstLimit, key) {
      try {
        return (await withTimeLimit(bindings[burstLimit].limit({ key }), BURST_LIMIT_MS)).success
      } catch {
        return true
      }
    },
    async find(keys) {
      await Promise.all(keys.map(read))
      return recall(keys)
    },
    remember({ key, untilMs }) {
      exceededCounters.set(key, untilMs)
    },
    async publish({ key, untilMs }) {
      const expirationTtl = Math.max(MIN_TTL_SECONDS, Math.ceil((untilMs - now) / 1000))
      const write = kv.put(exceededKey(key), String(untilMs), { expirationTtl })
      await withTimeLimit(write, WRITE_LIMIT_MS).catch(() => undefined)
    },
    async forget(keys) {
      for (const key of keys) exceededCounters.delete(key)
      const deletions = keys.map((key) => withTimeLimit(kv.delete(exceededKey(key)), WRITE_LIMIT_MS))
      await Promise.allSettled(deletions)
    },
  }
}
