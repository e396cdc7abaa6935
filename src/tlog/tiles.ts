import { HASH_BYTES, type Hash, joinHashes, type Subtree, subtreesOf } from './merkle.ts'

// Tiles of C2SP tlog-tiles (https://c2sp.org/tlog-tiles): 256 hashes of one level of the tree.

/** Hashes in a full tile. */
export const TILE_WIDTH = 256

/** Levels of the tree between the hashes of a tile and the hash of the tile. */
const TILE_HEIGHT = 8

/** A tile, or a bundle of entries, which has the numbers of a tile of level 0. */
export interface TileId {
  readonly level: number | 'entries'
  readonly index: number
  /** Hashes, or entries, that the tree has of it: 1 to 256. */
  readonly width: number
}

/** The path of a tile after the prefix of the log, such as `tile/0/x001/067.p/8`. */
export function tilePath({ level, index, width }: TileId): string {
  const groups = [String(index % 1000).padStart(3, '0')]
  for (let left = Math.floor(index / 1000); left > 0; left = Math.floor(left / 1000)) {
    groups.unshift(`x${String(left % 1000).padStart(3, '0')}`)
  }
  return `tile/${level}/${groups.join('/')}${width === TILE_WIDTH ? '' : `.p/${width}`}`
}

const PATH = /^tile\/(entries|\d{1,2})\/((?:x\d{3}\/)*\d{3})(?:\.p\/([1-9]\d{0,2}))?$/

/** Reads the path of a tile. A tile has one path. @returns undefined for any other text */
export function parseTilePath(path: string): TileId | undefined {
  const [, level = '', groups = '', width = String(TILE_WIDTH)] = PATH.exec(path) ?? []
  const index = Number(groups.replaceAll(/[x/]/g, ''))
  const tile = { level: level === 'entries' ? 'entries' : Number(level), index, width: Number(width) } as const
  return level !== '' && Number.isSafeInteger(index) && tilePath(tile) === path ? tile : undefined
}

/** Number of hashes that a tree has at the level of these tiles. */
export const hashesAt = (level: TileId['level'], size: number): number =>
  Math.floor(size / TILE_WIDTH ** (level === 'entries' ? 0 : level))

/** How much of a tile a tree has: 0 to 256. */
export const widthIn = ({ level, index }: Pick<TileId, 'level' | 'index'>, size: number): number =>
  Math.max(0, Math.min(TILE_WIDTH, hashesAt(level, size) - index * TILE_WIDTH))

/** Reads the hashes of a tile. */
export type ReadTile = (tile: TileId) => Promise<readonly Hash[]>

/**
 * Computes the hashes of subtrees from tiles. Reads each tile once.
 * @param size leaves of a tree that has all these subtrees
 * @throws RangeError when a tile has fewer hashes than it must have
 */
async function readSubtrees(
  subtrees: readonly Subtree[],
  { size, readTile }: { readonly size: number; readonly readTile: ReadTile },
): Promise<Hash[]> {
  const read = new Map<string, Promise<readonly Hash[]>>()
  const hashes = subtrees.map(async ({ level, index }) => {
    const tileLevel = Math.floor(level / TILE_HEIGHT)
    const count = 2 ** (level % TILE_HEIGHT)
    const tileIndex = Math.floor((index * count) / TILE_WIDTH)
    const id = { level: tileLevel, index: tileIndex }
    const tile = { ...id, width: widthIn(id, size) }
    const path = tilePath(tile)
    const reading = read.get(path) ?? readTile(tile)
    read.set(path, reading)
    const first = index * count - tileIndex * TILE_WIDTH
    const own = (await reading).slice(first, first + count)
    if (own.length !== count) throw new RangeError('a tile is too short')
    return hashOfComplete(own)
  })
  return await Promise.all(hashes)
}

/** Computes the hashes of ranges of leaves from tiles. @throws RangeError as `readSubtrees` */
export async function readRanges(
  ranges: readonly { readonly from: number; readonly to: number }[],
  tree: { readonly size: number; readonly readTile: ReadTile },
): Promise<Hash[]> {
  const parts = ranges.map(subtreesOf)
  const hashes = await readSubtrees(parts.flat(), tree)
  return parts.map((own) => joinHashes(hashes.splice(0, own.length)))
}

/** The root of a complete subtree. @param hashes a power of two of them */
function hashOfComplete(hashes: readonly Hash[]): Hash {
  const [only] = hashes
  if (hashes.length === 1 && only !== undefined) return only
  const half = hashes.length / 2
  return joinHashes([hashOfComplete(hashes.slice(0, half)), hashOfComplete(hashes.slice(half))])
}

/** The hash of a full tile, which stands in the tile of the level above. */
export const hashOfTile = (hashes: readonly Hash[]): Hash => hashOfComplete(hashes)

/** The bytes of a tile. */
export const formatTile = (hashes: readonly Hash[]): Uint8Array => Buffer.concat(hashes)

/** The hashes in the bytes of a tile; undefined if the length is not that of `width` hashes. */
export function parseTile(bytes: Uint8Array, width: number): Hash[] | undefined {
  if (bytes.length !== width * HASH_BYTES) return undefined
  return Array.from({ length: width }, (_, i) => bytes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES))
}
