import type { Publishing } from '../../../context.ts'
import { AppError } from '../../../core/errors.ts'
import { log } from '../../../core/log.ts'
import type { Edge } from '../../../tlog/edge.ts'
import { contradictsEdge } from '../../../tlog/parent-hash.ts'
import { parseTilePath, TILE_WIDTH, type TileId, widthIn } from '../../../tlog/tiles.ts'
import { readTileBytes } from '../tree/read-tiles.ts'
import { findPublished } from './get-published.ts'

/**
 * A client may have read a newer checkpoint at another location. So a location that lacks a tile reads the
 * publication again, once in this time at most.
 */
const RENEWAL_MS = 10_000

/**
 * Returns a tile or bundle of the published log, of any width that the published tree has of it. A width that
 * an earlier checkpoint implied is a part of the full tile.
 * @param path after the prefix of the log, such as `tile/0/x001/067.p/8`
 * @throws AppError `not_found` for a path that names no tile, or a tile that the published tree does not have
 * @throws AppError `unavailable` if the archive has lost the tile, or has other bytes in its place
 */
export async function getLogTile(ctx: Publishing, path: string): Promise<Uint8Array<ArrayBuffer>> {
  const tile = parseTilePath(path)
  const edge = tile && (await findEdge(ctx, tile))
  if (tile === undefined || edge === undefined) throw new AppError('not_found')
  const isFull = widthIn(tile, edge.size) === TILE_WIDTH
  const whole = isFull ? { ...tile, width: TILE_WIDTH } : tile
  const bytes = await readTileBytes(ctx.archive, edge, whole)
  // Clients keep a tile for good, so wrong bytes must not be served even once.
  if (bytes === undefined || (isFull && contradictsEdge(edge, whole, bytes))) {
    log('error', 'tile_unreadable', { tile: path, is_missing: bytes === undefined })
    throw new AppError('unavailable')
  }
  return new Uint8Array(bytes.subarray(0, (bytes.length / whole.width) * tile.width))
}

/** @returns the edge of a published tree that has so much of the tile */
const findEdge = (ctx: Publishing, tile: TileId): Promise<Edge | undefined> =>
  findPublished(ctx, {
    find: ({ log: published }) =>
      published && tile.width <= widthIn(tile, published.edge.size) ? published.edge : undefined,
    atMostMs: RENEWAL_MS,
  })
