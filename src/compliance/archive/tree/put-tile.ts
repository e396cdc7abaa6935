import type { Archiving } from '../../../context.ts'
import type { Edge, FullTile } from '../../../tlog/edge.ts'
import type { Hash } from '../../../tlog/merkle.ts'
import { hashesOfFull } from '../../../tlog/parent-hash.ts'
import { hashOfTile, TILE_WIDTH, widthIn } from '../../../tlog/tiles.ts'
import { raiseAlarm } from '../../alarms/raise-alarm.ts'
import { LogForkError } from './log-fork-error.ts'
import { pathOfTile } from './read-tiles.ts'

/**
 * Puts a full tile or bundle into the archive. Other bytes under its name are replaced, with an alarm: they
 * follow from the segments, so an attacker put them there. The exception are bytes that a published tree has:
 * then ours contradict a note that this service signed, and nothing is replaced.
 * @param published the edge of the newest published tree, if it may be larger than the tree that is grown
 * @throws LogForkError, TimeLimitError
 */
export async function putTile(
  ctx: Pick<Archiving, 'archive' | 'db' | 'now'>,
  tile: FullTile,
  published: Edge | undefined,
): Promise<void> {
  const path = pathOfTile(tile)
  if (await ctx.archive.create(path, tile.bytes)) return
  const found = await ctx.archive.readBytes(path)
  if (found !== undefined && Buffer.compare(found, tile.bytes) === 0) return
  if (published && found && (await isTileOf(ctx, published, { ...tile, bytes: found }))) throw new LogForkError()
  await raiseAlarm(ctx, 'tree_planted')
  await ctx.archive.replace(path, tile.bytes)
}

/**
 * Whether a tree has a full tile: each tile above it must hold its hash, up to one that the edge has. If an
 * attacker has also replaced a tile above, the answer is no.
 */
async function isTileOf(
  { archive }: Pick<Archiving, 'archive'>,
  edge: Edge,
  { level, index, bytes }: FullTile,
): Promise<boolean> {
  let hashes: readonly Hash[] | undefined = hashesOfFull(level, bytes)
  let at = { level: level === 'entries' ? 0 : level, index }
  if (widthIn(at, edge.size) < TILE_WIDTH) return false
  while (hashes !== undefined) {
    const hash = hashOfTile(hashes)
    const place = at.index % TILE_WIDTH
    at = { level: at.level + 1, index: Math.floor(at.index / TILE_WIDTH) }
    const isFull = widthIn(at, edge.size) === TILE_WIDTH
    const above = isFull ? await readFull(archive, at) : edge.levels[at.level]
    const own = above?.[place]
    if (own === undefined || Buffer.compare(own, hash) !== 0) return false
    if (!isFull) return true
    hashes = above
  }
  return false
}

async function readFull(archive: Archiving['archive'], tile: { readonly level: number; readonly index: number }) {
  const bytes = await archive.readBytes(pathOfTile(tile))
  return bytes && hashesOfFull(tile.level, bytes)
}
