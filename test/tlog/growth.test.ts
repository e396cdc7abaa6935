import { describe, expect, test } from 'vitest'
import { appendDigests, type Edge, EMPTY_EDGE, formatEdge, parseEdge, rootOfEdge } from '../../src/tlog/edge.ts'
import { digestOfLine, entryOf } from '../../src/tlog/entry.ts'
import { type Hash, isConsistent, leafHash, nodeHash, rootOfInclusion } from '../../src/tlog/merkle.ts'
import { proveConsistency, proveInclusion } from '../../src/tlog/prove.ts'
import { hashesAt, type ReadTile } from '../../src/tlog/tiles.ts'

const DIGEST = digestOfLine('the same line everywhere')
const LEAF = leafHash(entryOf(DIGEST))
const OTHER = leafHash(entryOf(digestOfLine('one other line')))

/** The roots of complete subtrees of 2^level equal leaves. */
const SAME = Array.from({ length: 52 }).reduce<Hash[]>(
  (roots) => [...roots, nodeHash(roots.at(-1) ?? LEAF, roots.at(-1) ?? LEAF)],
  [LEAF],
)
const same = (level: number): Hash => SAME[level] ?? LEAF

/** A tree of equal leaves, except one. Its hashes are computed by halving, without a tile. */
function treeOf(size: number, other: number) {
  /** The root of 2^level leaves from `index * 2^level` on. */
  const complete = (level: number, index: number): Hash => {
    if (Math.floor(other / 2 ** level) !== index) return same(level)
    return level === 0 ? OTHER : nodeHash(complete(level - 1, index * 2), complete(level - 1, index * 2 + 1))
  }
  const root = (from: number, count: number): Hash => {
    const level = Math.floor(Math.log2(count))
    const half = 2 ** level === count ? count : 2 ** level
    const left = complete(level, from / 2 ** level)
    return half === count ? left : nodeHash(left, root(from + half, count - half))
  }
  const readTile: ReadTile = async ({ level, index, width }) =>
    Array.from({ length: width }, (_, i) => complete(Number(level) * 8, index * 256 + i))
  return { size, readTile, root: (count = size) => root(0, count) }
}

describe('K15 proofs are right in large trees', () => {
  const around = [256 ** 3, 2 ** 31, 2 ** 32, 2 ** 40].flatMap((n) => [n - 1, n, n + 1])
  test.each(around)('of %i leaves', async (size) => {
    for (const index of [0, 65_535, Math.floor(size / 2), size - 1]) {
      const tree = treeOf(size, index)
      const proof = await proveInclusion(index, tree)
      expect(rootOfInclusion(OTHER, { index, size, proof })).toEqual(tree.root())
      expect(rootOfInclusion(LEAF, { index, size, proof })).not.toEqual(tree.root())
      // After 32 bits an operator of JavaScript would wrap around.
      const wrapped = index % 2 ** 32
      if (wrapped !== index) expect(rootOfInclusion(OTHER, { index: wrapped, size, proof })).not.toEqual(tree.root())
    }
    const tree = treeOf(size, 77)
    for (const oldSize of [1, 65_537, Math.floor(size / 3), size - 1]) {
      const proof = await proveConsistency(oldSize, tree)
      const claim = { oldSize, oldRoot: tree.root(oldSize), size, root: tree.root(), proof }
      expect(isConsistent(claim)).toBe(true)
      expect(isConsistent({ ...claim, oldRoot: OTHER })).toBe(false)
    }
  })
})

/** The edge of a tree of equal leaves. */
function edgeOf(size: number): Edge {
  const levels: Hash[][] = []
  for (let level = 0; hashesAt(level, size) > 0; level++) {
    levels.push(Array.from({ length: hashesAt(level, size) % 256 }, () => same(level * 8)))
  }
  return { size, digests: Array.from({ length: size % 256 }, () => DIGEST), levels }
}

/**
 * Objects and bytes of the full tiles and bundles of a tree. docs/scaling.md has those of a million leaves.
 */
function storedBy(size: number): { objects: number; bytes: number } {
  const bundles = Math.floor(size / 256)
  const tiles = [1, 2, 3, 4].reduce((sum, level) => sum + Math.floor(size / 256 ** level), 0)
  return { objects: bundles + tiles, bytes: bundles * 256 * 35 + tiles * 256 * 32 }
}

test('K15 a million leaves take 7,827 objects and 67 MB', () => {
  const { full } = appendDigests(
    EMPTY_EDGE,
    Array.from({ length: 66_000 }, () => DIGEST),
  )
  const bytes = full.reduce((sum, tile) => sum + tile.bytes.length, 0)
  expect({ objects: full.length, bytes }).toEqual(storedBy(66_000))
  expect(storedBy(10 ** 6)).toEqual({ objects: 7827, bytes: 67_118_592 })
})

describe('K15 the edge of a large tree', () => {
  test('of a thousand million leaves has four levels, and at most 55 KB', () => {
    const edge = edgeOf(10 ** 9)
    expect(edge.levels).toHaveLength(4)
    expect(formatEdge(edgeOf(59 * 256 ** 3 + 256 ** 3 - 1)).length).toBeLessThan(55_000)
    expect(parseEdge(formatEdge(edge))).toEqual(edge)
    expect(rootOfEdge(edge)).toEqual(treeOf(10 ** 9, -1).root())
  })

  test.each([256 ** 3, 2 ** 31, 2 ** 32, 2 ** 40])('fills the tiles of all levels at %i leaves', (size) => {
    const { edge, full } = appendDigests(edgeOf(size - 2), [DIGEST, DIGEST, DIGEST])
    expect(edge).toEqual(edgeOf(size + 1))
    expect(rootOfEdge(edge)).toEqual(treeOf(size + 1, -1).root())
    const filled = full.map(({ level, index }) => ({ level, index }))
    const levels = Array.from({ length: 5 }, (_, level) => level).filter((level) => size % 256 ** (level + 1) === 0)
    expect(filled).toEqual(
      expect.arrayContaining([
        { level: 'entries', index: size / 256 - 1 },
        ...levels.map((level) => ({ level, index: size / 256 ** (level + 1) - 1 })),
      ]),
    )
    expect(filled).toHaveLength(levels.length + 1)
  })

  test('is not read with more levels than the tree has', () => {
    const edge = edgeOf(300)
    expect(parseEdge(formatEdge({ ...edge, levels: [...edge.levels, []] }))).toBeUndefined()
    expect(parseEdge(formatEdge(EMPTY_EDGE))).toEqual(EMPTY_EDGE)
  })
})
