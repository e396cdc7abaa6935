import type { Edge } from './edge.ts'
import { entryOf, parseEntries } from './entry.ts'
import { type Hash, leafHash } from './merkle.ts'
import { hashesAt, hashOfTile, parseTile, TILE_WIDTH, type TileId } from './tiles.ts'

/**
 * Whether the bytes of a full tile or bundle contradict the tree: their hash is not the one in the tile
 * above. Needs no read. If the tile above is full too, the edge does not have it, and nothing is found.
 * @param tile a full one of this tree
 */
export function contradictsEdge(edge: Edge, tile: Pick<TileId, 'level' | 'index'>, bytes: Uint8Array): boolean {
  const level = tile.level === 'entries' ? 1 : tile.level + 1
  const above = edge.levels[level] ?? []
  const place = tile.index - (hashesAt(level, edge.size) - above.length)
  if (place < 0) return false
  const hashes = hashesOfFull(tile.level, bytes)
  const own = above[place]
  return hashes === undefined || own === undefined || Buffer.compare(hashOfTile(hashes), own) !== 0
}

/** The hashes of a full tile, or those of the leaves of a full bundle; undefined if the bytes are neither. */
export const hashesOfFull = (level: TileId['level'], bytes: Uint8Array): Hash[] | undefined =>
  level === 'entries'
    ? parseEntries(bytes, TILE_WIDTH)?.map((digest) => leafHash(entryOf(digest)))
    : parseTile(bytes, TILE_WIDTH)
