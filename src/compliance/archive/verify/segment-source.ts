import { fromUtf8 } from '../../../crypto/encoding.ts'
import { checkpointPath, oldSegmentPath } from '../format/segment-number.ts'
import { sequenceIn } from '../format/segment-path.ts'
import type { FindKey } from '../format/signed-head.ts'

/**
 * An archive, as the verifier reads it: as bytes and not as text, because decoding would hide some changes.
 */
export interface SegmentSource {
  /** Paths of everything under `audit/`, in any order. */
  listSegments(): AsyncIterable<string>
  /** Paths of everything under `checkpoints/`, in any order. */
  listCheckpoints(): AsyncIterable<string>
  /** Paths of the objects that could be the segment of format 2 with this number. */
  findSegments(sequence: number): Promise<readonly string[]>
  read(path: string): Promise<Uint8Array | undefined>
  /** The public JWK of a key, unchecked. */
  readonly findKey: FindKey
  /** Whether a key comes from outside the archive. It decides between two signed segments. */
  isAnchored(kid: string): Promise<boolean>
  /** Whether the signature of a key no longer counts in a segment. By default each counts. */
  isDistrusted?(kid: string, sequence: number): Promise<boolean>
}

/** How far an archive goes, judged by its names alone. */
export interface Extent {
  readonly lastOldSegment: number
  readonly lastSegment: number
  readonly lastCheckpoint: number
  /** Names that this service does not use. */
  readonly strays: Strays
}

/** Objects that are no part of the chain. An attacker may have planted any number of them. */
export class Strays {
  readonly #shown: string[] = []
  count = 0

  add(path: string): void {
    this.count++
    if (this.#shown.length < 10) this.#shown.push(path)
  }

  /** The first ten paths. */
  get shown(): readonly string[] {
    return this.#shown
  }
}

/**
 * Reads only the names, and keeps none of them. Checkpoints are listed first. A segment of format 1 is
 * written before its checkpoint, so a checkpoint that is listed always has its segment, even when the archive
 * grows meanwhile.
 */
export async function measureExtent(source: SegmentSource): Promise<Extent> {
  const strays = new Strays()
  let [lastOldSegment, lastSegment, lastCheckpoint] = [0, 0, 0]
  for await (const path of source.listCheckpoints()) {
    const sequence = oldNumber(path, checkpointPath)
    if (sequence === undefined) strays.add(path)
    else lastCheckpoint = Math.max(lastCheckpoint, sequence)
  }
  for await (const path of source.listSegments()) {
    const [old, sequence] = [oldNumber(path, oldSegmentPath), sequenceIn(path)]
    if (old !== undefined) lastOldSegment = Math.max(lastOldSegment, old)
    else if (sequence !== undefined) lastSegment = Math.max(lastSegment, sequence)
    else strays.add(path)
  }
  return { lastOldSegment, lastSegment, lastCheckpoint, strays }
}

function oldNumber(path: string, pathOf: (sequence: number) => string): number | undefined {
  const sequence = Number(/\/(\d+)\.\w+$/.exec(path)?.[1])
  return sequence >= 1 && Number.isSafeInteger(sequence) && pathOf(sequence) === path ? sequence : undefined
}

/** An object under one of the names of a segment. */
export interface Candidate {
  readonly path: string
  readonly bytes: Uint8Array
  /** Undefined if the bytes are not UTF-8. */
  readonly text: string | undefined
}

/** What an archive holds at one sequence number. */
export interface SegmentPlace {
  readonly sequence: number
  /** Objects with a name of format 2. */
  readonly candidates: readonly Candidate[]
  /**
   * The object with the name of format 1, and its checkpoint. Not read after the first segment of format 2.
   */
  readonly old: Candidate | undefined
  readonly checkpoint: Uint8Array | undefined
}

const READ_AHEAD = 8

/**
 * Reads the places after a segment in order, a few ahead of the one that the caller has.
 * @param last the caller stops by itself before; reading ahead ends there
 * @param readsOld whether objects of format 1 are still read
 */
export async function* readPlaces(
  source: SegmentSource,
  { after, last, readsOld }: { readonly after: number; readonly last: number; readonly readsOld: () => boolean },
): AsyncGenerator<SegmentPlace> {
  const ahead: Promise<SegmentPlace>[] = []
  for (let sequence = after + 1; sequence <= last + READ_AHEAD; sequence++) {
    if (sequence <= last) {
      const place = readPlace(source, sequence, readsOld())
      // A caller that stops early leaves these reads unawaited. An awaited read still throws.
      place.catch(() => undefined)
      ahead.push(place)
    }
    const next = sequence - after >= READ_AHEAD ? ahead.shift() : undefined
    if (next !== undefined) yield await next
  }
}

async function readPlace(source: SegmentSource, sequence: number, readsOld: boolean): Promise<SegmentPlace> {
  const read = async (path: string): Promise<Candidate | undefined> => {
    const bytes = await source.read(path)
    return bytes && { path, bytes, text: decode(bytes) }
  }
  const [paths, old, checkpoint] = await Promise.all([
    source.findSegments(sequence),
    readsOld ? read(oldSegmentPath(sequence)) : undefined,
    readsOld ? source.read(checkpointPath(sequence)) : undefined,
  ])
  const candidates: Candidate[] = []
  for (const path of paths) candidates.push(...[await read(path)].filter((found) => found !== undefined))
  return { sequence, candidates, old, checkpoint }
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return fromUtf8(bytes)
  } catch {
    return undefined
  }
}
