import type { Archive } from '../../../core/ports.ts'
import type { Edge } from '../../../tlog/edge.ts'
import { BUNDLED_ENTRY_BYTES, formatEntries } from '../../../tlog/entry.ts'
import { HASH_BYTES } from '../../../tlog/merkle.ts'
import {
  formatTile,
  parseTile,
  type ReadTile,
  TILE_WIDTH,
  type TileId,
  tilePath,
  widthIn,
} from '../../../tlog/tiles.ts'

type Reading = Pick<Archive, 'readBytes'>

/** The path of a full tile or bundle in the archive. */
export const pathOfTile = ({ level, index }: Pick<TileId, 'level' | 'index'>): string =>
  `log/${tilePath({ level, index, width: TILE_WIDTH })}`

/**
 * Reads the bytes of a tile or bundle of a tree: the archive has the full ones, and the edge has the others.
 * A tile that is full by now also gives the bytes of each earlier, smaller width. Bytes from the archive are
 * not checked: an attacker may have put others there.
 * @param edge of the tree
 * @returns undefined if the tree does not have so much of this tile, or the archive has lost it
 * @throws TimeLimitError
 */
export async function readTileBytes(
  archive: Reading,
  { size, digests, levels }: Edge,
  { level, index, width }: TileId,
): Promise<Uint8Array | undefined> {
  const has = widthIn({ level, index }, size)
  if (width < 1 || width > has) return undefined
  if (has < TILE_WIDTH) {
    return level === 'entries'
      ? formatEntries(digests.slice(0, width))
      : formatTile((levels[level] ?? []).slice(0, width))
  }
  const step = level === 'entries' ? BUNDLED_ENTRY_BYTES : HASH_BYTES
  const bytes = await archive.readBytes(pathOfTile({ level, index }))
  return bytes?.length === TILE_WIDTH * step ? bytes.subarray(0, width * step) : undefined
}

/** Reads the hashes of tiles for proofs. A tile that is not there has none. */
export const tilesOf =
  (archive: Reading, edge: Edge): ReadTile =>
  async (tile) => {
    const bytes = await readTileBytes(archive, edge, tile)
    return (bytes && parseTile(bytes, tile.width)) ?? []
  }
