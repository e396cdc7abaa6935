import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { proveConsistency, proveInclusion } from '../../src/tlog/prove.ts'
import { put } from '../node/archive-fixture.ts'
import { digestsOf, type GrownLog, growLog, randomFrom } from '../support/log-trees.ts'
import { type Claim, ORIGIN, ownFolder, signerOf, signHead, writeCase } from './case.ts'
import { askJudge } from './judge.ts'

const digests = digestsOf('line', 70_000)
const log = await signerOf(1, 'log')
const witnesses = [await signerOf(2, 'witness', 'witness.example/a'), await signerOf(3, 'witness', 'witness.example/b')]

const headOf = (size: number, batches: readonly number[] = [size]) =>
  signHead({ origin: ORIGIN, size, root: growLog(digests.slice(0, size), batches).root }, { log, witnesses })

async function randomClaims(grown: GrownLog, count: number, random: (below: number) => number): Promise<Claim[]> {
  const { size } = grown
  const claims: Claim[] = []
  for (let n = 0; n < count; n++) {
    const [leaf, old] = [random(size), 1 + random(size)]
    claims.push({ size, leaf, proof: await proveInclusion(leaf, grown) })
    claims.push({ size, old, proof: await proveConsistency(old, grown) })
  }
  return claims
}

describe('Go compares every tile, bundle, root, note and proof', () => {
  it.each([1, 2, 3, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537, 70_000])('K1 of %i leaves', async (size) => {
    using folder = ownFolder()
    const random = randomFrom(size)
    const batches = Array.from({ length: 50 }, () => 1 + random(size < 1000 ? 40 : 900))
    const grown = growLog(digests.slice(0, size), batches)
    const earlier = [...new Set([1, 1 + random(size), 1 + random(size), size])]
    const notes = await Promise.all(earlier.map((one) => headOf(one)))
    writeCase(folder.path, { log: grown, notes, claims: await randomClaims(grown, Math.min(size, 200), random) })
    expect(askJudge('tree', folder.path)).toMatchObject({ status: 0, said: expect.stringContaining(`${size} leaves`) })
  })

  it('K1 of all leaves and all earlier sizes of each tree up to 300', async () => {
    using folder = ownFolder()
    const claims: Claim[] = []
    for (let size = 1; size <= 300; size++) {
      const grown = growLog(digests.slice(0, size), [size])
      for (let i = 0; i < size; i++) {
        claims.push({ size, leaf: i, proof: await proveInclusion(i, grown) })
        claims.push({ size, old: i + 1, proof: await proveConsistency(i + 1, grown) })
      }
    }
    writeCase(folder.path, { log: growLog(digests.slice(0, 300), [300]), notes: [await headOf(300)], claims })
    expect(askJudge('tree', folder.path)).toMatchObject({ status: 0, said: expect.stringContaining('90300 proofs') })
  })

  it('K1 and proves all pairs of checkpoints of a log that grew by random batches', async () => {
    using folder = ownFolder()
    const random = randomFrom(4)
    const sizes = [...new Set(Array.from({ length: 100 }, () => 1 + random(2000)))]
    const notes = await Promise.all([...sizes, 2000].map((size) => headOf(size, [1 + random(99)])))
    writeCase(folder.path, { log: growLog(digests.slice(0, 2000), [77]), notes })
    expect(askJudge('tree', folder.path)).toMatchObject({ status: 0, said: expect.stringContaining('pairs') })
    const forked = await signHead({ origin: ORIGIN, size: 1999, root: digests[0] ?? Buffer.alloc(32) }, { log })
    put(folder.path, 'notes.json', JSON.stringify([...notes, forked]))
    expect(askJudge('tree', folder.path)).toMatchObject({ status: 1, said: expect.stringContaining('root') })
  })
})

describe('Go finds', () => {
  it('K7 one changed byte in each file of a log', async () => {
    using folder = ownFolder()
    const grown = growLog(digests.slice(0, 66_000), [1000])
    writeCase(folder.path, { log: grown, notes: [await headOf(66_000)] })
    expect(askJudge('tree', folder.path).status).toBe(0)
    const random = randomFrom(7)
    const paths = globSync(['tile/{0,entries}/{000,100,257}', 'tile/{1,2}/**', 'tile/**/*.p/*', 'entries'], {
      cwd: folder.path,
      withFileTypes: true,
    }).flatMap((file) => (file.isFile() ? [join(file.parentPath, file.name).slice(folder.path.length + 1)] : []))
    expect(paths.length).toBeGreaterThanOrEqual(10)
    for (const path of paths) {
      const bytes = readFileSync(join(folder.path, path))
      const at = random(bytes.length)
      put(folder.path, path, Buffer.from(bytes.map((byte, i) => (i === at ? byte ^ (1 << random(8)) : byte))))
      expect(askJudge('tree', folder.path).status, `${path}: byte ${at}`).toBe(1)
      put(folder.path, path, bytes)
    }
    put(folder.path, 'tile/1/001', 'planted')
    expect(askJudge('tree', folder.path)).toMatchObject({ status: 1, said: expect.stringContaining('tile/1/001') })
  })
})
