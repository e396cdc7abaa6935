import { entryOf, formatEntries } from './entry.ts'
import { HASH_BYTES, type Hash, joinHashes, leafHash, subtreesOf } from './merkle.ts'
import { formatTile, hashesAt, hashOfTile, TILE_WIDTH, type TileId } from './tiles.ts'

/**
 * The right edge of a tree: what its tiles that are not full yet hold. From it the tree can be continued, and
 * its root be computed, without a read.
 */
export interface Edge {
  /** Leaves of the tree. */
  readonly size: number
  /** Digests of the lines in the last bundle, unless it is full: at most 255. */
  readonly digests: readonly Hash[]
  /** The hashes in the last tile of each level, unless it is full: at most 255. */
  readonly levels: readonly (readonly Hash[])[]
}

/** A full tile or bundle. */
export interface FullTile extends TileId {
  readonly bytes: Uint8Array
}

export const EMPTY_EDGE: Edge = { size: 0, digests: [], levels: [] }

/**
 * Appends lines by their digests.
 * @returns the edge after them, and the tiles and bundles that became full
 */
export function appendDigests(edge: Edge, added: readonly Hash[]): { readonly edge: Edge; readonly full: FullTile[] } {
  const full: FullTile[] = []
  let digests = [...edge.digests]
  const levels = edge.levels.map((hashes) => [...hashes])
  let { size } = edge
  for (const digest of added) {
    digests.push(digest)
    size++
    push(0, leafHash(entryOf(digest)))
    if (digests.length < TILE_WIDTH) continue
    full.push({ level: 'entries', index: size / TILE_WIDTH - 1, width: TILE_WIDTH, bytes: formatEntries(digests) })
    digests = []
  }
  return { edge: { size, digests, levels }, full }

  function push(level: number, hash: Hash): void {
    const hashes = levels[level] ?? []
    levels[level] = hashes
    hashes.push(hash)
    if (hashes.length < TILE_WIDTH) return
    const index = hashesAt(level, size) / TILE_WIDTH - 1
    full.push({ level, index, width: TILE_WIDTH, bytes: formatTile(hashes) })
    levels[level] = []
    push(level + 1, hashOfTile(hashes))
  }
}

/** The root of the tree. */
export function rootOfEdge({ levels }: Edge): Hash {
  const fromLargest = levels.toReversed().flatMap((hashes) => completeSubtrees(hashes))
  return joinHashes(fromLargest)
}

/** The hashes of the complete subtrees of a tile that is not full, from the largest. */
const completeSubtrees = (hashes: readonly Hash[]): Hash[] =>
  subtreesOf({ from: 0, to: hashes.length }).map(({ level, index }) => {
    const width = 2 ** level
    return hashOfTile(hashes.slice(index * width, (index + 1) * width))
  })

const pack = (hashes: readonly Hash[]): string => Buffer.concat(hashes).toString('base64')

/** Formats an edge as JSON. */
export const formatEdge = ({ size, digests, levels }: Edge): string =>
  JSON.stringify({ size, digests: pack(digests), levels: levels.map(pack) })

/**
 * Reads an edge. The text may come from an attacker: its caller compares `rootOfEdge` with a signed root.
 * @returns undefined unless the parts have the lengths that the size requires and level 0 follows from the
 * digests
 */
export function parseEdge(text: string): Edge | undefined {
  try {
    const { size, digests, levels } = JSON.parse(text)
    if (!Number.isSafeInteger(size) || size < 0 || !Array.isArray(levels)) return undefined
    const edge = { size, digests: unpack(digests), levels: levels.map(unpack) }
    return formatEdge(edge) === text && isWhole(edge) ? edge : undefined
  } catch {
    return undefined
  }
}

const unpack = (text: string): Hash[] => {
  const bytes = Buffer.from(text, 'base64')
  return Array.from({ length: bytes.length / HASH_BYTES }, (_, i) =>
    bytes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES),
  )
}

function isWhole({ size, digests, levels }: Edge): boolean {
  const areCounted = levels.every((hashes, level) => hashes.length === hashesAt(level, size) % TILE_WIDTH)
  const isComplete =
    hashesAt(levels.length, size) === 0 && (levels.length === 0 || hashesAt(levels.length - 1, size) > 0)
  const leaves = digests.map((digest) => leafHash(entryOf(digest)))
  return areCounted && isComplete && Buffer.compare(Buffer.concat(leaves), Buffer.concat(levels[0] ?? [])) === 0
}
