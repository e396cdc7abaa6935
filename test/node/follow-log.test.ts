import { once } from 'node:events'
import { readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formatTreeHead } from '../../src/tlog/checkpoint.ts'
import { digestOfLine, entryOf } from '../../src/tlog/entry.ts'
import { type Hash, leafHash } from '../../src/tlog/merkle.ts'
import { cosignBody, formatNote, formatNoteKey, type NoteSigner, signBody } from '../../src/tlog/note.ts'
import { readRoot } from '../../src/tlog/prove.ts'
import { formatTile, hashOfTile, parseTilePath, type ReadTile } from '../../src/tlog/tiles.ts'
import { runLatchkeyHere } from '../support/command-runs.ts'
import { digestsOf, growLog } from '../support/log-trees.ts'
import { logSigner, witnessSigner } from '../support/proof-files.ts'
import { newFolder, put } from './archive-fixture.ts'

const ORIGIN = 'id.example/audit'

let work: string
let log: NoteSigner
let witness: NoteSigner
/** What the service serves at the moment. */
let served: { note: string; readTile: ReadTile; extra?: Uint8Array }
let url: string
const server = createServer(async (request, response) => {
  const path = request.url ?? ''
  const tile = parseTilePath(path.replace('/audit/log/', ''))
  if (path === '/audit/log/checkpoint') response.end(served.note)
  else if (path === '/.well-known/audit-checkpoint') {
    response.end(JSON.stringify({ keys: [], log_keys: [formatNoteKey(log)], note: served.note }))
  } else if (tile)
    response.end(Buffer.concat([formatTile(await served.readTile(tile)), served.extra ?? Buffer.alloc(0)]))
  else {
    response.statusCode = 404
    response.end()
  }
})

beforeAll(async () => {
  work = newFolder()
  log = await logSigner(ORIGIN)
  witness = await witnessSigner('w.example')
  await once(server.listen(0, '127.0.0.1'), 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterAll(() => {
  server.close()
  rmSync(work, { recursive: true, force: true })
})

const keep = (name: string, content: string): string => {
  put(work, name, content)
  return join(work, name)
}

interface Noted {
  readonly origin?: string
  readonly by?: NoteSigner
  readonly seen?: readonly NoteSigner[]
}

async function noteOf(
  tree: { readonly size: number; readonly root: Hash },
  { origin = ORIGIN, by = log, seen = [] }: Noted = {},
) {
  const body = formatTreeHead({ origin, size: tree.size, root: tree.root })
  const cosignatures = await Promise.all(seen.map((one) => cosignBody(body, one, Math.floor(Date.now() / 1000))))
  return formatNote({ body, signatures: [await signBody(body, by), ...cosignatures] })
}

const follow = async (kept: string, ...words: string[]) => {
  const run = await runLatchkeyHere(['audit', 'follow', '--url', url, '--kept', keep('kept', kept), ...words])
  return { status: run.status, said: run.stdout + run.stderr }
}

const digests = digestsOf('followed', 3000)
const treeOf = (size: number) => growLog(digests.slice(0, size), [size])
const other = growLog(digestsOf('forked', 3000), [3000])

describe('audit follow', () => {
  it('proves that a log continues each earlier size, and keeps the new checkpoint', async () => {
    const whole = treeOf(3000)
    served = { note: await noteOf(whole), readTile: whole.readTile }
    for (const size of [1, 2, 255, 256, 257, 2048, 2999, 3000]) {
      const saved = join(work, 'kept')
      expect(await follow(await noteOf(treeOf(size)), '--save', saved), `${size} lines`).toMatchObject({
        status: 0,
        said: expect.stringMatching(/^OK: the log id\.example\/audit with 3000 lines continues the one with/),
      })
      expect(readFileSync(saved, 'utf8')).toBe(served.note)
    }
  })

  it('reads about ten tiles of a log with 10^9 lines', async () => {
    const level: Hash[] = [leafHash(entryOf(digestOfLine('always the same')))]
    while (level.length < 5) level.push(hashOfTile(Array.from({ length: 256 }, () => level.at(-1) ?? Buffer.alloc(32))))
    const readTile: ReadTile = async ({ level: at, width }) =>
      Array.from({ length: width }, () => level[Number(at)] ?? Buffer.alloc(32))
    const sized = async (size: number) => ({ size, root: await readRoot({ size, readTile }) })
    served = { note: await noteOf(await sized(1_000_000_007)), readTile }
    for (const size of [1, 123_456_789, 536_870_912, 999_999_999]) {
      const { status, said } = await follow(await noteOf(await sized(size)), '--json')
      expect(status).toBe(0)
      expect(JSON.parse(said)).toMatchObject({ ok: true, continues: size })
      expect(JSON.parse(said).tiles_read).toBeLessThanOrEqual(10)
    }
  })

  it('K4 finds a log that was forked, rewritten, cut or exchanged, and keeps nothing', async () => {
    const saved = join(work, 'saved')
    const whole = treeOf(3000)
    served = { note: await noteOf(other), readTile: other.readTile }
    for (const size of [1, 256, 2048, 2999, 3000]) {
      expect(await follow(await noteOf(treeOf(size)), '--save', saved)).toMatchObject({
        status: 1,
        said: expect.stringContaining('does not continue the kept one'),
      })
    }
    served = { note: await noteOf(other), readTile: whole.readTile }
    const tilesAreWrong = { status: 1, said: expect.stringContaining('That proves no fork') }
    for (const size of [100, 128, 2999]) expect(await follow(await noteOf(treeOf(size)))).toMatchObject(tilesAreWrong)
    served = { note: await noteOf(whole), readTile: other.readTile }
    for (const size of [100, 128, 2999]) expect(await follow(await noteOf(treeOf(size)))).toMatchObject(tilesAreWrong)
    served = { note: await noteOf(treeOf(99)), readTile: treeOf(99).readTile }
    expect(await follow(await noteOf(treeOf(100)))).toMatchObject({ status: 1, said: expect.stringContaining('cut') })
    const named = { origin: 'other.example/audit', by: await logSigner('other.example/audit') }
    served = { note: await noteOf(whole), readTile: whole.readTile }
    expect(await follow(await noteOf(treeOf(100), named))).toMatchObject({ status: 1 })
    served = { note: await noteOf(whole, { by: await logSigner(ORIGIN, 'attacker') }), readTile: whole.readTile }
    expect(await follow(await noteOf(treeOf(100)))).toMatchObject({
      status: 1,
      said: expect.stringContaining('no key'),
    })
    served = { note: await noteOf(whole), readTile: whole.readTile }
    const changed = (await noteOf(treeOf(100))).replace('\n100\n', '\n101\n')
    expect(await follow(changed)).toMatchObject({ status: 1, said: expect.stringContaining('kept checkpoint') })
    const unsigned = await noteOf(treeOf(100), { by: await logSigner(ORIGIN, 'attacker') })
    expect(await follow(unsigned)).toMatchObject({ status: 1, said: expect.stringContaining('kept checkpoint') })
    expect(() => readFileSync(saved)).toThrow()
  })

  it('K36 answers 5 below the quorum of a policy, whoever has the key of the log', async () => {
    const policy = keep('policy', `log ${formatNoteKey(log)}\nwitness w ${formatNoteKey(witness)}\nquorum w\n`)
    const saved = join(work, 'saved')
    const [kept, whole] = [await noteOf(treeOf(100)), treeOf(3000)]
    served = { note: await noteOf(whole), readTile: whole.readTile }
    expect(await follow(kept, '--policy', policy, '--save', saved)).toMatchObject({
      status: 5,
      said: expect.stringMatching(/^BELOW QUORUM/),
    })
    expect(() => readFileSync(saved)).toThrow()
    served = { note: await noteOf(whole, { seen: [witness] }), readTile: whole.readTile }
    expect(await follow(kept, '--policy', policy, '--max-age', '1')).toMatchObject({
      status: 0,
      said: expect.stringContaining('Cosigned by w.example'),
    })
  })

  it('K38 one witness that names a late time does not make an old checkpoint new', async () => {
    const three = [witness, await witnessSigner('x.example'), await witnessSigner('y.example')]
    const named = three.map((one, i) => `witness w${i} ${formatNoteKey(one)}\n`).join('')
    const policy = keep('policy', `log ${formatNoteKey(log)}\n${named}group two 2 w0 w1 w2\nquorum two\n`)
    const whole = treeOf(300)
    const [kept, nowSeconds] = [await noteOf(treeOf(100)), Math.floor(Date.now() / 1000)]
    const followed = async (ages: readonly number[]) => {
      const { root, size } = whole
      const body = formatTreeHead({ origin: ORIGIN, size, root })
      const seen = three.map((one, i) => cosignBody(body, one, nowSeconds - (ages[i] ?? 0)))
      served = {
        note: formatNote({ body, signatures: await Promise.all([signBody(body, log), ...seen]) }),
        readTile: whole.readTile,
      }
      return await follow(kept, '--policy', policy, '--max-age', '1')
    }
    for (const ages of [
      [0, 7200, 7200],
      [7200, -8e12, 7200],
    ])
      expect(await followed(ages)).toMatchObject({ status: 5, said: expect.stringMatching(/^TOO OLD/) })
    expect(await followed([0, 60, 7200])).toMatchObject({ status: 0 })
  })

  it('answers 4 if the service cannot be read, and 2 for a file that is no checkpoint', async () => {
    const whole = treeOf(3000)
    served = { note: await noteOf(whole), readTile: async () => [] }
    expect(await follow(await noteOf(treeOf(100)))).toMatchObject({ status: 4 })
    served = { note: await noteOf(whole), readTile: whole.readTile, extra: Buffer.alloc(9000) }
    expect(await follow(await noteOf(treeOf(100)))).toMatchObject({ status: 4, said: expect.stringContaining('bytes') })
    expect(await follow('garbage')).toMatchObject({ status: 2 })
    expect(await follow('{"note":null}')).toMatchObject({ status: 2 })
  })
})
