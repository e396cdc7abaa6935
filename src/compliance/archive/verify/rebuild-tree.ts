import type { TreeHead } from '../../../tlog/checkpoint.ts'
import { appendDigests, type Edge, EMPTY_EDGE, type FullTile, rootOfEdge } from '../../../tlog/edge.ts'
import { digestOfLine } from '../../../tlog/entry.ts'
import type { Hash } from '../../../tlog/merkle.ts'
import { parseTilePath, TILE_WIDTH, type TileId, widthIn } from '../../../tlog/tiles.ts'
import { isTimeStampPath } from '../format/time-stamp-path.ts'
import { pathOfTile } from '../tree/read-tiles.ts'
import type { ArchiveBytes } from './archive-source.ts'
import { type ChainFinding, found } from './chain-finding.ts'
import { Strays } from './segment-source.ts'

/** Where the archive has the log. */
const PREFIX = 'log/'

/** Tiles that are read at once. */
const READ_AT_ONCE = 16

/** A checkpoint of the log, to compare with the tree when it has that size. */
export interface ExpectedTree extends TreeHead {
  /** What it is, for a finding, such as `the published checkpoint`. */
  readonly name: string
}

/** What was compared. */
export interface ComparedTree {
  readonly size: number
  /** Tiles and bundles of the archive that have the bytes which the segments give. */
  readonly tiles: number
  /** Tiles and bundles that the service has not written yet. */
  readonly unwritten: number
  /** Objects under `log/` that are neither part of the log nor time-stamps of its checkpoints. */
  readonly strays: Strays
}

/**
 * Rebuilds the tree of the log from the lines of the segments, and compares it with the tiles and bundles of
 * the archive, and with checkpoints. Keeps the edge alone in memory, however long the log is.
 */
export class RebuiltTree {
  readonly #archive: ArchiveBytes
  /** By their sizes, from the smallest. */
  readonly #expected: ReadonlyMap<number, readonly ExpectedTree[]>
  #edge: Edge = EMPTY_EDGE
  /** Tiles that became full and were not compared yet. */
  #full: FullTile[] = []
  #finding: ChainFinding | undefined
  #compared = 0
  #unwritten = 0
  /** The missing tile with the fewest lines up to its end. */
  #missing: Covered | undefined
  /** Lines up to the end of the last tile that is there. */
  #writtenTo = 0

  constructor(archive: ArchiveBytes, expected: readonly ExpectedTree[]) {
    this.#archive = archive
    this.#expected = Map.groupBy(
      expected.toSorted((a, b) => a.size - b.size),
      ({ size }) => size,
    )
  }

  /** Appends the lines of the next segment. */
  append(lines: readonly string[]): void {
    const digests = lines.map(digestOfLine)
    for (const [size, expected] of this.#expected) {
      const missing = size - this.#edge.size
      if (missing < 1 || missing > digests.length) continue
      this.#grow(digests.splice(0, missing))
      const root = rootOfEdge(this.#edge)
      const other = expected.find((one) => Buffer.compare(one.root, root) !== 0)
      if (other !== undefined) this.#finding ??= otherRoot(other)
    }
    this.#grow(digests)
  }

  #grow(digests: readonly Hash[]): void {
    const { edge, full } = appendDigests(this.#edge, digests)
    this.#edge = edge
    this.#full.push(...full)
  }

  /** Compares the tiles and bundles that became full. @returns the first finding */
  async compare(): Promise<ChainFinding | undefined> {
    while (this.#full.length > 0 && this.#finding === undefined) {
      const next = this.#full.splice(0, READ_AT_ONCE)
      const read = await Promise.all(next.map((tile) => this.#archive.read(pathOfTile(tile))))
      for (const [i, tile] of next.entries()) this.#note(tile, read[i])
    }
    return this.#finding
  }

  #note(tile: FullTile, bytes: Uint8Array | undefined): void {
    const own = { path: pathOfTile(tile), lines: linesUpTo(tile) }
    if (bytes === undefined) {
      this.#unwritten++
      if (own.lines < (this.#missing?.lines ?? Number.POSITIVE_INFINITY)) this.#missing = own
    } else if (Buffer.compare(bytes, tile.bytes) === 0) {
      this.#compared++
      this.#writtenTo = Math.max(this.#writtenTo, own.lines)
    } else this.#finding ??= found('other-tile', 0, `${own.path} does not have the bytes that the segments give`)
  }

  /** Ends the comparison, after the last segment. @returns what is wrong, or what was compared */
  async finish(): Promise<ChainFinding | ComparedTree> {
    const finding = (await this.compare()) ?? this.#findLater() ?? this.#findLost()
    if (finding) return finding
    const { size } = this.#edge
    const strays = new Strays()
    for await (const path of this.#archive.list(PREFIX)) {
      if (!isTileOf(path, size) && !isTimeStampPath(path)) strays.add(path)
    }
    return { size, tiles: this.#compared, unwritten: this.#unwritten, strays }
  }

  #findLater(): ChainFinding | undefined {
    const { size } = this.#edge
    const later = [...this.#expected.values()].flat().find((one) => one.size > size)
    return later && found('truncated', 0, `${later.name} is about ${later.size} lines, and the archive has ${size}`)
  }

  /**
   * The service writes tiles in the order of their last lines, and signs a checkpoint after its tiles. The
   * newest ones may be missing: the service has not written them yet.
   */
  #findLost(): ChainFinding | undefined {
    if (this.#missing === undefined) return undefined
    const { path, lines } = this.#missing
    const signed = Math.max(0, ...this.#expected.keys())
    if (lines > signed && lines >= this.#writtenTo) return undefined
    return found('lost-tile', 0, `${path} is missing, although the log has later tiles or a checkpoint after it`)
  }
}

/** A tile, by its path. */
interface Covered {
  readonly path: string
  /** Lines up to its end. */
  readonly lines: number
}

const linesUpTo = ({ level, index }: TileId): number =>
  (index + 1) * TILE_WIDTH ** (level === 'entries' ? 1 : level + 1)

/** Whether a path is that of a full tile or bundle of a tree. */
function isTileOf(path: string, size: number): boolean {
  const tile = parseTilePath(path.slice(PREFIX.length))
  return tile?.width === TILE_WIDTH && widthIn(tile, size) === TILE_WIDTH
}

const otherRoot = ({ name, size }: ExpectedTree): ChainFinding =>
  found('other-root', 0, `${name} signs another root of the first ${size} lines than the segments give`)
