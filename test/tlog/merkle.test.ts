import { describe, expect, it } from 'vitest'
import { appendDigests, EMPTY_EDGE, formatEdge, parseEdge, rootOfEdge } from '../../src/tlog/edge.ts'
import { digestOfLine, entryOf, parseEntries } from '../../src/tlog/entry.ts'
import {
  emptyRoot,
  type Hash,
  isConsistent,
  leafHash,
  nodeHash,
  rootOfInclusion,
  splitOf,
} from '../../src/tlog/merkle.ts'
import { proveConsistency, proveInclusion, readRoot } from '../../src/tlog/prove.ts'
import { parseTile, parseTilePath, type ReadTile, tilePath, widthIn } from '../../src/tlog/tiles.ts'

const hex = (hash: Hash | undefined) => Buffer.from(hash ?? []).toString('hex')

/** RFC 6962, section 2.1, word for word. */
function rootOf(leaves: readonly Hash[]): Hash {
  const [first] = leaves
  if (first === undefined) return emptyRoot()
  if (leaves.length === 1) return first
  const k = splitOf(leaves.length)
  return nodeHash(rootOf(leaves.slice(0, k)), rootOf(leaves.slice(k)))
}

const lines = Array.from({ length: 700 }, (_, i) => digestOfLine(`line ${i}`))
const leaves = lines.map((digest) => leafHash(entryOf(digest)))

/** Tiles of every size, as a service has them that appended in batches: full ones, and the edge. */
function grow(size: number, batch: number) {
  const tiles = new Map<string, Uint8Array>()
  let edge = EMPTY_EDGE
  for (let from = 0; from < size; from += batch) {
    const grown = appendDigests(edge, lines.slice(from, Math.min(from + batch, size)))
    edge = grown.edge
    for (const { bytes, ...id } of grown.full) tiles.set(tilePath(id), bytes)
  }
  const readTile: ReadTile = async (id) => {
    if (id.width < 256) return edge.levels[Number(id.level)]?.slice(0, id.width) ?? []
    return parseTile(tiles.get(tilePath(id)) ?? new Uint8Array(), id.width) ?? []
  }
  return { edge, tiles, tree: { size, readTile } }
}

describe('the tree', () => {
  // The inputs and roots of the tests of Certificate Transparency:
  // https://github.com/google/certificate-transparency/blob/master/python/ct/crypto/merkle_test.py
  const inputs = [
    '',
    '00',
    '10',
    '2021',
    '3031',
    '40414243',
    '5051525354555657',
    '606162636465666768696a6b6c6d6e6f',
  ].map((text) => leafHash(Buffer.from(text, 'hex')))

  it.each([
    [0, 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    [1, '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d'],
    [2, 'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125'],
    [3, 'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77'],
    [4, 'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7'],
    [5, '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4'],
    [6, '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef'],
    [7, 'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c'],
    [8, '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328'],
  ])('K1 of %i leaves has the root of the tests of Certificate Transparency', (size, root) => {
    expect(hex(rootOf(inputs.slice(0, size)))).toBe(root)
  })

  it.each([1, 2, 3, 255, 256, 257, 511, 512, 513, 700])(
    'K1 of %i lines has one root, however it grew',
    async (size) => {
      for (const batch of [1, 7, 256, 700]) {
        const { edge, tree } = grow(size, batch)
        expect(hex(rootOfEdge(edge))).toBe(hex(rootOf(leaves.slice(0, size))))
        expect(hex(await readRoot(tree))).toBe(hex(rootOfEdge(edge)))
        expect(parseEdge(formatEdge(edge))).toEqual(edge)
      }
      expect([...grow(size, 1).tiles]).toEqual([...grow(size, 100).tiles])
    },
  )

  it('K1 proves each leaf of each tree up to 40, and no other', async () => {
    for (let size = 1; size <= 40; size++) {
      const { tree, edge } = grow(size, 9)
      for (let index = 0; index < size; index++) {
        const proof = await proveInclusion(index, tree)
        const leaf = leaves[index] ?? emptyRoot()
        expect(hex(rootOfInclusion(leaf, { index, size, proof }))).toBe(hex(rootOfEdge(edge)))
        expect(rootOfInclusion(leaf, { index, size, proof: [...proof, leaf] })).toBeUndefined()
        if (size > 1) {
          const other = rootOfInclusion(leaf, { index: (index + 1) % size, size, proof })
          expect(hex(other)).not.toBe(hex(rootOfEdge(edge)))
        }
      }
    }
  })

  it('K1 proves that each tree up to 40 continues each smaller one, and no other', async () => {
    for (let size = 1; size <= 40; size++) {
      const { tree, edge } = grow(size, 9)
      for (let oldSize = 1; oldSize <= size; oldSize++) {
        const proof = await proveConsistency(oldSize, tree)
        const oldRoot = rootOf(leaves.slice(0, oldSize))
        const claim = { oldSize, oldRoot, size, root: rootOfEdge(edge), proof }
        expect(isConsistent(claim)).toBe(true)
        expect(isConsistent({ ...claim, oldRoot: emptyRoot() })).toBe(false)
        expect(isConsistent({ ...claim, root: emptyRoot() })).toBe(false)
        expect(isConsistent({ ...claim, proof: [...proof, oldRoot] })).toBe(false)
        for (const i of proof.keys()) {
          expect(isConsistent({ ...claim, proof: proof.with(i, emptyRoot()) })).toBe(false)
        }
      }
    }
  })

  it('K1 the empty tree begins every tree, without a proof, and has one root', () => {
    const claim = { oldSize: 0, oldRoot: emptyRoot(), size: 3, root: rootOf(leaves.slice(0, 3)), proof: [] }
    expect(isConsistent(claim)).toBe(true)
    expect(isConsistent({ ...claim, proof: [emptyRoot()] })).toBe(false)
    expect(isConsistent({ ...claim, oldRoot: claim.root })).toBe(false)
    expect(isConsistent({ ...claim, oldSize: 4 })).toBe(false)
  })

  it.each([
    [-1, 1],
    [1, 1],
    [2, 1],
    [0, 0],
    [-1, 0],
  ])('K1 there is no leaf %i in a tree of %i', (index, size) => {
    expect(rootOfInclusion(leaves[0] ?? emptyRoot(), { index, size, proof: [] })).toBeUndefined()
  })
})

describe('tiles', () => {
  it.each([
    [{ level: 0, index: 0, width: 256 }, 'tile/0/000'],
    [{ level: 1, index: 1234067, width: 8 }, 'tile/1/x001/x234/067.p/8'],
    [{ level: 'entries', index: 273, width: 112 }, 'tile/entries/273.p/112'],
  ] as const)('K1 %j has the path of C2SP', (id, path) => {
    expect(tilePath(id)).toBe(path)
    expect(parseTilePath(path)).toEqual(id)
  })

  it.each([
    'tile/0/0',
    'tile/0/1000',
    'tile/00/000',
    'tile/0/x000/000',
    'tile/0/000.p/256',
    'tile/0/000.p/0',
    'tile/x/000',
    '/tile/0/000',
    'tile/0/000/',
    '',
  ])('K1 %j is not a path', (path) => {
    expect(parseTilePath(path)).toBeUndefined()
  })

  it('K1 a tree of 70,000 has the partial tiles of the example of C2SP', () => {
    const widths = [0, 1, 2].map((level) => [0, 1, 273].map((index) => widthIn({ level, index }, 70_000)))
    expect(widths).toEqual([
      [256, 256, 112],
      [256, 17, 0],
      [1, 0, 0],
    ])
  })

  it('K1 a bundle holds entries with their lengths', () => {
    const bundle = grow(256, 256).tiles.get('tile/entries/000') ?? new Uint8Array()
    expect(bundle.length).toBe(256 * 35)
    expect(hex(bundle.subarray(0, 35))).toBe(`002102${hex(lines[0])}`)
    expect(parseEntries(bundle, 256)).toEqual(lines.slice(0, 256))
    expect(parseEntries(bundle.with(1, 32), 256)).toBeUndefined()
  })
})

describe('an edge', () => {
  it.each([
    ['of another size', (edge: object) => ({ ...edge, size: 301 })],
    ['without a level', (edge: object) => ({ ...edge, levels: [] })],
    ['with other leaves', (edge: object) => ({ ...edge, digests: Buffer.alloc(44 * 32).toString('base64') })],
    ['with a further member', (edge: object) => ({ ...edge, more: 1 })],
    ['that is a list', () => []],
    ['with a size that is no number', (edge: object) => ({ ...edge, size: '300' })],
  ])('%s is not read', (_, change) => {
    const text = formatEdge(grow(300, 300).edge)
    expect(parseEdge(text)?.size).toBe(300)
    expect(parseEdge(JSON.stringify(change(JSON.parse(text))))).toBeUndefined()
  })
})
