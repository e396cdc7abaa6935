import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Edge, rootOfEdge } from '../../src/tlog/edge.ts'
import { parseEntries } from '../../src/tlog/entry.ts'
import { readRoot } from '../../src/tlog/prove.ts'
import { parseTile, TILE_WIDTH, type TileId, tilePath, widthIn } from '../../src/tlog/tiles.ts'
import { burst, type Call, call, statuses } from '../support/api.ts'
import { faultyEnv } from '../support/faulty-env.ts'
import { countCalls } from '../support/intercept-stores.ts'
import { type MadeTree, makeTree, placeOf, publishTree, storeTiles } from '../support/log.ts'

const ORIGIN = { origin: 'https://auditor.example' }
const MINUTE_MS = 60_000
const START = Math.ceil(Date.now() / MINUTE_MS) * MINUTE_MS

beforeEach(() => {
  at(0)
})

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const at = (ms: number) => vi.useFakeTimers({ now: START + ms, toFake: ['Date'] })

const get = (path: string, options: Call = {}) => call(`/audit/log/${path}`, options)
const getTile = (tile: TileId, options: Call = {}) => get(tilePath(tile), options)

async function bytesOf(tile: TileId): Promise<Uint8Array> {
  const answer = await getTile(tile)
  expect(answer.status, tilePath(tile)).toBe(200)
  return answer.body
}

/** Publishes a tree, and makes this location forget the one before. */
async function publish(size: number): Promise<MadeTree> {
  const tree = await makeTree(size)
  await storeTiles(tree)
  await publishTree(tree, { atMs: Date.now() })
  return tree
}

const rootServed = (size: number) =>
  readRoot({ size, readTile: async (tile) => parseTile(await bytesOf(tile), tile.width) ?? [] })

/** Every tile and bundle of a tree, in its greatest width. */
function tilesIn({ size, levels }: Edge): TileId[] {
  const all = (['entries', ...levels.keys()] as const).map((level) => {
    const count = Math.ceil(size / TILE_WIDTH ** (level === 'entries' ? 1 : level + 1))
    return Array.from({ length: count }, (_, index) => ({ level, index, width: widthIn({ level, index }, size) }))
  })
  return all.flat().filter(({ width }) => width > 0)
}

describe('the checkpoint of the log', () => {
  test('is the published note, for any origin', async () => {
    expect(await get('checkpoint', { headers: ORIGIN })).toMatchObject({ status: 404, body: { code: 'not_found' } })
    await publish(3)
    at(1000)
    const { status, headers, body: text } = await get('checkpoint', { headers: ORIGIN })
    expect([status, text]).toEqual([200, (await call('/.well-known/audit-checkpoint')).body.note])
    expect(text).toMatch(/^latchkey\.test\/audit\n3\n/)
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'public, max-age=5',
      'access-control-allow-origin': '*',
      'cross-origin-resource-policy': 'cross-origin',
    })
    expect(headers.has('access-control-allow-credentials')).toBe(false)
  })

  test('K40 that is missing is looked for once in a second, however many ask', async () => {
    const { env: counting, calls } = countCalls()
    const readsAt = async (ms: number) => {
      at(ms)
      calls.length = 0
      await get('checkpoint', { env: counting })
      return calls.length
    }
    const first = await readsAt(0)
    expect([await readsAt(999), await readsAt(1000), await readsAt(1001)]).toEqual([0, first, 0])
  })
})

describe('K17 a tile', () => {
  test('is served with the right type, unchanged for ever, to any origin, also for HEAD and OPTIONS', async () => {
    await publish(257)
    for (const tile of tilesIn((await makeTree(257)).edge)) {
      const { status, headers } = await getTile(tile, { headers: ORIGIN })
      expect(status).toBe(200)
      expect(Object.fromEntries(headers)).toMatchObject({
        'content-type': 'application/octet-stream',
        'cache-control': 'public, max-age=31536000, immutable',
        'access-control-allow-origin': '*',
      })
    }
    const head = await get('tile/0/000', { method: 'HEAD', headers: ORIGIN })
    expect([head.status, head.body.length, head.headers.get('access-control-allow-origin')]).toEqual([200, 0, '*'])
    const asked = { ...ORIGIN, 'access-control-request-method': 'GET' }
    const preflight = await get('tile/0/000', { method: 'OPTIONS', headers: asked })
    expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([204, '*'])
    expect(await get('tile/0/000', { method: 'POST' })).toMatchObject({
      status: 405,
      body: { code: 'method_not_allowed' },
    })
  })

  test.each([
    ['a full tile', { level: 0, index: 0, width: 256 }, ['ARCHIVE.get', 'ARCHIVE.get.arrayBuffer']],
    ['a part of a full bundle', { level: 'entries', index: 0, width: 7 }, ['ARCHIVE.get', 'ARCHIVE.get.arrayBuffer']],
    ['the last tile', { level: 0, index: 1, width: 1 }, []],
    ['an earlier width of the last bundle', { level: 'entries', index: 1, width: 1 }, []],
  ] as const)('costs one read of the archive at most: %s', async (_, tile, expected) => {
    await publish(300)
    await get('checkpoint')
    const { env: counting, calls } = countCalls()
    expect((await getTile(tile, { env: counting })).status).toBe(200)
    expect(calls).toEqual(expected)
  })

  test('is refused to a burst, before a store is read', async () => {
    const { env: counting, calls } = countCalls({}, {
      ...env,
      BURST_LOG: { limit: async () => ({ success: false }) },
    } as unknown as Env)
    for (const path of ['checkpoint', 'tile/0/000']) {
      const answer = await get(path, { env: counting, headers: ORIGIN })
      expect(answer).toMatchObject({ status: 429, body: { code: 'rate_limited' } })
      expect(answer.headers.get('access-control-allow-origin')).toBe('*')
    }
    expect(calls).toEqual([])
  })
})

describe('K6 the tiles', () => {
  test.each([1, 255, 256, 257, 513])('give the root and the entries of the published tree of %i', async (size) => {
    const tree = await publish(size)
    expect(Buffer.from(await rootServed(size))).toEqual(Buffer.from(rootOfEdge(tree.edge)))
    const bundles = tilesIn(tree.edge).filter(({ level }) => level === 'entries')
    for (const bundle of bundles) expect(parseEntries(await bytesOf(bundle), bundle.width)).toHaveLength(bundle.width)
  })

  test('of every size that was published are served later as well, from the full tiles', async () => {
    const sizes = [1, 3, 255, 256, 257, 300, 513]
    const kept: { tile: TileId; bytes: Uint8Array }[] = []
    for (const [i, size] of sizes.entries()) {
      at(i * 2 * MINUTE_MS)
      const { edge } = await publish(size)
      for (const tile of tilesIn(edge)) kept.push({ tile, bytes: await bytesOf(tile) })
    }
    at(365 * 24 * 60 * MINUTE_MS)
    for (const { tile, bytes } of kept) expect(Buffer.from(await bytesOf(tile))).toEqual(Buffer.from(bytes))
    for (const size of sizes) await rootServed(size)
  })

  test('beyond the published tree are not served, whatever the archive has', async () => {
    await storeTiles(await makeTree(600))
    await publish(300)
    const beyond: TileId[] = [
      { level: 0, index: 1, width: 45 },
      { level: 0, index: 1, width: 256 },
      { level: 'entries', index: 1, width: 256 },
      { level: 1, index: 0, width: 2 },
      { level: 0, index: 2, width: 1 },
      { level: 2, index: 0, width: 1 },
    ]
    for (const tile of beyond) {
      const { status, headers } = await getTile(tile)
      expect([tilePath(tile), status, headers.get('cache-control')]).toEqual([tilePath(tile), 404, 'no-store'])
    }
  })

  test('have one path each', async () => {
    await publish(300)
    const others = [
      'tile/0/0',
      'tile/00/000',
      'tile/0/000.p/0',
      'tile/0/000.p/256',
      'tile/0/000.p/01',
      'tile/64/000',
      'tile/0/x000/000',
      'tile/0/-01',
      'tile/0/000/',
      'tile/0/000.p',
      'tile/entries',
      'tile/',
      'tile/0/x999/x999/x999/x999/x999/x999/999',
    ]
    for (const path of others) expect([path, (await get(path)).status]).toEqual([path, 404])
  })

  test('that this location does not know yet are looked for in a newer publication, once in ten seconds', async () => {
    await publish(3)
    await get('checkpoint')
    await publish(4)
    const tile = { level: 0, index: 0, width: 4 } as const
    expect((await getTile(tile)).status).toBe(404)
    at(10_000)
    expect((await getTile(tile)).status).toBe(200)
    const { env: counting, calls } = countCalls()
    for (let i = 0; i < 20; i++) await getTile({ ...tile, width: 5 }, { env: counting })
    expect(calls).toEqual([])
  })
})

describe('an attacker who writes the archive', () => {
  const tile = { level: 0, index: 0, width: 256 } as const
  const bundle = { level: 'entries', index: 0, width: 256 } as const

  test.each([
    ['a lost tile', tile, async () => env.ARCHIVE.delete(placeOf(tile))],
    ['a lost bundle', bundle, async () => env.ARCHIVE.delete(placeOf(bundle))],
    ['a tile of another length', tile, async () => env.ARCHIVE.put(placeOf(tile), new Uint8Array(8191))],
    ['an empty bundle', bundle, async () => env.ARCHIVE.put(placeOf(bundle), '')],
    ['a tile of another tree', tile, async () => env.ARCHIVE.put(placeOf(tile), await altered(tile))],
    ['a bundle of other entries', bundle, async () => env.ARCHIVE.put(placeOf(bundle), await altered(bundle))],
  ] as const)('gets no wrong bytes served, in no width: %s', async (_, changed, change) => {
    await publish(300)
    await change()
    const logged = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    for (const width of [256, 1]) {
      const { status, body, headers } = await getTile({ ...changed, width })
      expect([status, body.code, headers.get('cache-control')]).toEqual([503, 'unavailable', 'no-store'])
    }
    expect(JSON.stringify(logged.mock.calls)).toContain('tile_unreadable')
  })

  async function altered(one: TileId): Promise<Uint8Array> {
    const bytes = new Uint8Array((await (await env.ARCHIVE.get(placeOf(one)))?.arrayBuffer()) ?? new ArrayBuffer())
    bytes[40] = (bytes[40] ?? 0) ^ 1
    return bytes
  }
})

describe('K40 a thousand reads', () => {
  test.each([
    ['checkpoint', 299],
    ['tile/0/001.p/44', 99],
  ])('in a minute cost no more than the first one, which reads one object: %s, and %i more', async (path, more) => {
    await publish(300)
    const { env: counting, calls } = countCalls()
    const first = await get(path, { env: counting })
    expect(calls).toEqual(['VAULT.get', 'VAULT.get.text'])
    const answers = await burst(more, () => get(path, { env: counting }))
    expect(calls).toHaveLength(2)
    expect(statuses(answers)).toEqual({ [first.status]: more })
  })

  test('of all routes share the one object that a location has read', async () => {
    await publish(300)
    await call('/.well-known/audit-checkpoint')
    const { env: counting, calls } = countCalls()
    for (const path of ['checkpoint', 'tile/0/001.p/44', 'tile/1/000.p/1', 'tile/entries/001.p/3'])
      expect((await get(path, { env: counting })).status).toBe(200)
    expect(calls).toEqual([])
  })
})

test('H6 without the vault the log is served from what the location has kept, and nowhere else', async () => {
  await publish(300)
  const { env: faulty } = faultyEnv(env, (name) => (name.startsWith('VAULT') ? 'fail' : 'none'))
  expect((await get('checkpoint', { env: faulty })).status).toBeGreaterThanOrEqual(500)
  await get('checkpoint')
  for (const path of ['checkpoint', 'tile/0/000', 'tile/0/001.p/44'])
    expect([path, (await get(path, { env: faulty })).status]).toEqual([path, 200])
})

test('H6 without the archive, the tiles of the edge are served, and the others are not', async () => {
  await publish(300)
  const { env: faulty } = faultyEnv(env, (name) => (name.startsWith('ARCHIVE') ? 'fail' : 'none'))
  for (const path of ['tile/0/000', 'tile/entries/000.p/9']) {
    const { status, headers } = await get(path, { env: faulty })
    expect([status >= 500, headers.get('content-type')?.includes('problem')]).toEqual([true, true])
  }
  expect((await get('tile/0/001.p/44', { env: faulty })).status).toBe(200)
})
