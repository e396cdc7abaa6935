import { checkpointPath, segmentPath } from './segment.ts'

/**
 * An archive, as the verifier reads it: as bytes and not as text, because decoding would hide some changes.
 */
export interface SegmentSource {
  /** Paths of everything under `audit/`, in any order. */
  listSegments(): AsyncIterable<string>
  /** Paths of everything under `checkpoints/`, in any order. */
  listCheckpoints(): AsyncIterable<string>
  readSegment(sequence: number): Promise<Uint8Array | undefined>
  /** A compact JWS. */
  readCheckpoint(sequence: number): Promise<Uint8Array | undefined>
  /** The public JWK under `receipt-keys/`, unchecked. */
  findKey(kid: string): Promise<unknown>
}

/** How far an archive goes, judged by its names alone. */
export interface Extent {
  readonly lastSegment: number
  readonly lastCheckpoint: number
  /** The first path that is neither the path of a segment nor that of a checkpoint. */
  readonly stray: string | undefined
}

/**
 * Reads only the names, and keeps none of them. Checkpoints are listed first. A segment is written before its
 * checkpoint, so a checkpoint that is listed always has its segment, even when the archive grows meanwhile.
 */
export async function measureExtent(source: SegmentSource): Promise<Extent> {
  const checkpoints = await findLast(source.listCheckpoints(), checkpointPath)
  const segments = await findLast(source.listSegments(), segmentPath)
  return {
    lastSegment: segments.last,
    lastCheckpoint: checkpoints.last,
    stray: segments.stray ?? checkpoints.stray,
  }
}

async function findLast(paths: AsyncIterable<string>, pathOf: (sequence: number) => string) {
  let last = 0
  let stray: string | undefined
  for await (const path of paths) {
    const sequence = Number(/\/(\d+)\.\w+$/.exec(path)?.[1])
    if (sequence >= 1 && Number.isSafeInteger(sequence) && pathOf(sequence) === path) last = Math.max(last, sequence)
    else stray ??= path
  }
  return { last, stray }
}

/** A segment and its checkpoint at one sequence number; undefined where the archive has none. */
export interface SegmentPlace {
  readonly sequence: number
  readonly segment: Uint8Array | undefined
  readonly checkpoint: Uint8Array | undefined
}

const READ_AHEAD = 8

/**
 * Reads segments `first` to `last` and their checkpoints in order, a few places ahead of the one that the
 * caller has.
 */
export async function* readPlaces(source: SegmentSource, first: number, last: number): AsyncGenerator<SegmentPlace> {
  const ahead: Promise<SegmentPlace>[] = []
  for (let sequence = first; sequence <= last + READ_AHEAD; sequence++) {
    if (sequence <= last) {
      const place = readPlace(source, sequence)
      // A caller that stops early leaves these reads unawaited. An awaited read still throws.
      place.catch(() => undefined)
      ahead.push(place)
    }
    const next = sequence - first >= READ_AHEAD - 1 ? ahead.shift() : undefined
    if (next !== undefined) yield await next
  }
}

async function readPlace(source: SegmentSource, sequence: number): Promise<SegmentPlace> {
  const [segment, checkpoint] = await Promise.all([source.readSegment(sequence), source.readCheckpoint(sequence)])
  return { sequence, segment, checkpoint }
}
