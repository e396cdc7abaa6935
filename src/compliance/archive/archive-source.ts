import { parseJson } from '../../core/json.ts'
import { checkpointPath, receiptKeyPath, segmentPath } from './segment.ts'
import type { SegmentSource } from './segment-source.ts'
import type { FindKey } from './signed-head.ts'

/** Reads an archive by path, from R2 or from a copy on disk. */
export interface ArchiveBytes {
  /** Paths under a prefix that ends in `/`, in any order. */
  list(prefix: string): AsyncIterable<string>
  read(path: string): Promise<Uint8Array | undefined>
}

/**
 * The archive, as the verifier reads it.
 * @param findKey the keys of its checkpoints, if they do not come from the archive itself
 */
export function createSegmentSource(archive: ArchiveBytes, findKey?: FindKey): SegmentSource {
  return {
    listSegments: () => archive.list('audit/'),
    listCheckpoints: () => archive.list('checkpoints/'),
    readSegment: (sequence) => archive.read(segmentPath(sequence)),
    readCheckpoint: (sequence) => archive.read(checkpointPath(sequence)),
    findKey: findKey ?? ((kid) => readKey(archive, kid)),
  }
}

/**
 * @returns the JWK that the archive has under that name, unchecked: an attacker who can write the archive may
 * have put it there
 */
export async function readKey(archive: ArchiveBytes, kid: string): Promise<unknown> {
  // The name comes from an unchecked signature and becomes part of a path.
  if (!/^[\w-]{43}$/.test(kid)) return undefined
  const bytes = await archive.read(receiptKeyPath(kid))
  return bytes && parseJson(new TextDecoder().decode(bytes))
}
