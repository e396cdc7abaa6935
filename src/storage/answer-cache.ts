import type { AnswerCache } from '../core/ports.ts'
import { withTimeLimit } from './time-limit.ts'

const LIMIT_MS = 1000

const NAME = 'latchkey'

/** Cloudflare keeps an entry for so long. Until then, an answer that is too old is renewed by one request. */
const KEPT_SECONDS = 3600

/** While one request renews an answer, the others get the old one. */
const RENEWAL_MS = 5000

/** When the text is too old, and the text. */
const ENTRY = /^(\d+) (.*)$/s

/**
 * Cloudflare's cache of this location. Isolates share it, and it costs nothing.
 * @param origin the origin of the service, which the cache needs for its keys
 * @param now the clock, in Unix milliseconds
 */
export function createAnswerCache(origin: string, now: () => number): AnswerCache {
  const keyOf = (name: string) => `${origin}/.cache/${encodeURIComponent(name)}`
  const put = async (name: string, text: string, untilMs: number) => {
    const headers = { 'cache-control': `max-age=${KEPT_SECONDS}` }
    const entry = new Response(`${untilMs} ${text}`, { headers })
    await withTimeLimit((await caches.open(NAME)).put(keyOf(name), entry), LIMIT_MS)
  }
  return {
    async find(name) {
      try {
        const kept = await withTimeLimit((await caches.open(NAME)).match(keyOf(name)), LIMIT_MS)
        const [, until, text] = ENTRY.exec((await kept?.text()) ?? '') ?? []
        if (text === undefined || Number(until) > now()) return text
        await put(name, text, now() + RENEWAL_MS)
      } catch {
        // Without a cache every request reads the stores.
      }
      return undefined
    },
    async keep(name, text, seconds) {
      try {
        await put(name, text, now() + seconds * 1000)
      } catch {
        // The next request tries again.
      }
    },
  }
}
