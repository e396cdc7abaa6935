import { parseJson } from '../../core/json.ts'
import { checkpointPath, receiptKeyPath, segmentPath } from './segment.ts'
import type { SegmentSource } from './segment-source.ts'

/** Reads an archive by path, from R2 or from a copy on disk. */
export interface ArchiveBytes {
  /** Paths under a prefix that ends in `/`, in any order. */
  list(prefix: string): AsyncIterable<string>
  read(path: string): Promise<Uint8Array | undefined>
}

/**
 * The archive, as the verifier reads it.
 * @param trusted thumbprints of the only keys to trust; undefined trusts every key in the archive
 */
export function createSegmentSource(archive: ArchiveBytes, trusted?: readonly string[]): SegmentSource {
  return {
    listSegments: () => archive.list('audit/'),
    listCheckpoints: () => archive.list('checkpoints/'),
    readSegment: (sequence) => archive.read(segmentPath(sequence)),
    readCheckpoint: (sequence) => archive.read(checkpointPath(sequence)),
    findKey: async (kid) => (trusted?.includes(kid) === false ? undefined : await readKey(archive, kid)),
  }
}

/** @returns the JWK stored under that name, unchecked */
async function readKey(archive: ArchiveBytes, kid: string): Promise<unknown> {
  // The name comes from an unchecked signature and becomes part of a path.
  if (!/^[\w-]{43}$/.test(kid)) return undefined
  const bytes = await archive.read(receiptKeyPath(kid))
  return bytes && parseJson(new TextDecoder().decode(bytes))
}
