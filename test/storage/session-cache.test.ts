import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { newSessionId, newUserId } from '../../src/core/ids.ts'
import { LruMap } from '../../src/storage/lru.ts'
import { createSessionCache, type RecentSnapshots } from '../../src/storage/session-cache.ts'

const NOW = Date.UTC(2026, 0, 15)
const SNAPSHOT = { userId: newUserId(), roles: ['admin'], amr: ['pwd'], authTimeMs: NOW, expiresAtMs: NOW + 1e9 }

const recentSessions = (): RecentSnapshots => new LruMap(10, 5000)
/** A session cache in an isolate that has just started. */
const cacheAt = (nowMs: number, kv: KVNamespace = env.SESSIONS, recent = recentSessions()) =>
  createSessionCache(kv, recent, () => nowMs)
const fails = () => Promise.reject(new Error('KV down'))
const hangs = () => new Promise<never>(() => undefined)
const kvThat = (answer: () => Promise<never>) => ({ get: answer, put: answer }) as unknown as KVNamespace

afterEach(() => {
  vi.useRealTimers()
})

describe('the session cache', () => {
  it('finds a session that it has remembered', async () => {
    const id = newSessionId()
    await cacheAt(NOW).remember(id, SNAPSHOT)
    expect(await cacheAt(NOW + 59_999).find(id)).toEqual(SNAPSHOT)
    expect(await cacheAt(NOW).find(newSessionId())).toBe('unknown')
  })

  it('ignores a snapshot older than 60 s, even if KV still returns it (J4)', async () => {
    const id = newSessionId()
    await cacheAt(NOW).remember(id, SNAPSHOT)
    expect(await cacheAt(NOW + 60_000).find(id)).toBe('unknown')
  })

  it.each(['before', 'after'])('prefers a tombstone that was written %s the snapshot (J4)', async (order) => {
    const id = newSessionId()
    const cache = cacheAt(NOW)
    if (order === 'before') await cache.revoke(id)
    await cache.remember(id, SNAPSHOT)
    if (order === 'after') await cache.revoke(id)
    expect(await cache.find(id)).toBe('revoked')
  })

  it('finds a tombstone beside a stale snapshot and without one (J4)', async () => {
    const [stale, absent] = [newSessionId(), newSessionId()]
    await cacheAt(NOW).remember(stale, SNAPSHOT)
    await cacheAt(NOW).revoke(stale)
    await cacheAt(NOW).revoke(absent)
    expect(await cacheAt(NOW + 90_000).find(stale)).toBe('revoked')
    expect(await cacheAt(NOW).find(absent)).toBe('revoked')
  })

  it.each(['{', '', 'null', '[]', '{}', JSON.stringify(SNAPSHOT), JSON.stringify({ ...SNAPSHOT, staleAtMs: '9e15' })])(
    'ignores the corrupt snapshot %j (J4)',
    async (stored) => {
      const id = newSessionId()
      await env.SESSIONS.put(`session:${id}`, stored)
      expect(await cacheAt(NOW).find(id)).toBe('unknown')
    },
  )

  it('returns unknown if KV fails, and no method throws (H6)', async () => {
    const cache = cacheAt(NOW, kvThat(fails))
    expect(await cache.find(newSessionId())).toBe('unknown')
    await expect(cache.remember(newSessionId(), SNAPSHOT)).resolves.toBeUndefined()
    await expect(cache.revoke(newSessionId())).resolves.toBeUndefined()
  })

  it('returns unknown, not the snapshot, if the tombstone cannot be read (J4)', async () => {
    const id = newSessionId()
    await cacheAt(NOW).remember(id, SNAPSHOT)
    const get = (key: string, type: 'json') => (key.startsWith('revoked:') ? fails() : env.SESSIONS.get(key, type))
    expect(await cacheAt(NOW, { get } as unknown as KVNamespace).find(id)).toBe('unknown')
  })

  it('returns unknown if KV does not answer within half a second (H6)', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const found = cacheAt(NOW, kvThat(hangs)).find(newSessionId())
    await vi.advanceTimersByTimeAsync(500)
    expect(await found).toBe('unknown')
  })
})

describe('an isolate that has just seen a session', () => {
  it('does not read KV again for 5 s, and then does (J4)', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const [id, recent] = [newSessionId(), recentSessions()]
    await cacheAt(NOW).remember(id, SNAPSHOT)
    expect(await cacheAt(NOW, env.SESSIONS, recent).find(id)).toEqual(SNAPSHOT)
    const down = cacheAt(NOW, kvThat(fails), recent)
    expect(await down.find(id)).toEqual(SNAPSHOT)
    vi.setSystemTime(Date.now() + 5000)
    expect(await down.find(id)).toBe('unknown')
  })

  it('does not use a snapshot after it has become stale (J4)', async () => {
    const [id, recent] = [newSessionId(), recentSessions()]
    await cacheAt(NOW).remember(id, SNAPSHOT)
    expect(await cacheAt(NOW + 59_999, env.SESSIONS, recent).find(id)).toEqual(SNAPSHOT)
    expect(await cacheAt(NOW + 60_000, env.SESSIONS, recent).find(id)).toBe('unknown')
  })

  it('finds a new snapshot at once after it has written it', async () => {
    const cache = cacheAt(NOW, env.SESSIONS, recentSessions())
    const id = newSessionId()
    await cache.remember(id, SNAPSHOT)
    await cache.find(id)
    await cache.remember(id, { ...SNAPSHOT, roles: [] })
    expect(await cache.find(id)).toEqual({ ...SNAPSHOT, roles: [] })
  })

  it('finds its own revocation at once (J4)', async () => {
    const [id, recent] = [newSessionId(), recentSessions()]
    const cache = cacheAt(NOW, env.SESSIONS, recent)
    await cache.remember(id, SNAPSHOT)
    await cache.find(id)
    await cache.revoke(id)
    expect(await cache.find(id)).toBe('revoked')
  })

  it('does not keep a failed or unknown result', async () => {
    const [id, recent] = [newSessionId(), recentSessions()]
    expect(await cacheAt(NOW, kvThat(fails), recent).find(id)).toBe('unknown')
    await cacheAt(NOW).remember(id, SNAPSHOT)
    expect(await cacheAt(NOW, env.SESSIONS, recent).find(id)).toEqual(SNAPSHOT)
  })
})
