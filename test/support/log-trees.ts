import { appendDigests, type Edge, EMPTY_EDGE, rootOfEdge } from '../../src/tlog/edge.ts'
import { digestOfLine, formatEntries } from '../../src/tlog/entry.ts'
import type { Hash } from '../../src/tlog/merkle.ts'
import { formatTile, parseTile, type ReadTile, TILE_WIDTH, tilePath } from '../../src/tlog/tiles.ts'

/** A log as a service has it: full tiles in a store, and the edge. */
export interface GrownLog {
  readonly digests: readonly Hash[]
  readonly size: number
  readonly root: Hash
  readonly edge: Edge
  /** Full tiles and bundles by their paths. */
  readonly tiles: ReadonlyMap<string, Uint8Array>
  readonly readTile: ReadTile
}

/** Digests of lines that differ between two seeds. */
export const digestsOf = (seed: string, count: number): Hash[] =>
  Array.from({ length: count }, (_, i) => digestOfLine(`${seed} ${i}`))

/** Appends lines in batches. @param batches sizes; used in turn until the log has all the digests */
export function growLog(digests: readonly Hash[], batches: readonly number[]): GrownLog {
  const tiles = new Map<string, Uint8Array>()
  let edge = EMPTY_EDGE
  for (let turn = 0; edge.size < digests.length; turn++) {
    const count = Math.max(1, batches[turn % batches.length] ?? 1)
    const grown = appendDigests(edge, digests.slice(edge.size, edge.size + count))
    edge = grown.edge
    for (const { bytes, ...id } of grown.full) tiles.set(tilePath(id), bytes)
  }
  const readTile: ReadTile = async (id) => {
    if (id.width < TILE_WIDTH) return edge.levels[Number(id.level)]?.slice(0, id.width) ?? []
    return parseTile(tiles.get(tilePath(id)) ?? new Uint8Array(), id.width) ?? []
  }
  return { digests, size: digests.length, root: rootOfEdge(edge), edge, tiles, readTile }
}

/** The tiles and the bundle of an edge: those that are not full. By their paths. */
export function partialTiles({ size, digests, levels }: Edge): Map<string, Uint8Array> {
  const tiles = new Map<string, Uint8Array>()
  const put = (level: number | 'entries', width: number, bytes: Uint8Array) => {
    const index = Math.floor(size / TILE_WIDTH ** (level === 'entries' ? 1 : level + 1))
    if (width > 0) tiles.set(tilePath({ level, index, width }), bytes)
  }
  put('entries', digests.length, formatEntries(digests))
  for (const [level, hashes] of levels.entries()) put(level, hashes.length, formatTile(hashes))
  return tiles
}

/** Numbers that look random and are the same for each seed (mulberry32). @returns from 0 to before `below` */
export function randomFrom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below)
  }
}
