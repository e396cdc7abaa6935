import { parseJson } from '../../../core/json.ts'
import { receiptKeyPath } from '../format/chain-head.ts'
import { inName } from '../format/segment-number.ts'
import { sequenceIn } from '../format/segment-path.ts'
import type { FindKey } from '../format/signed-head.ts'
import type { SegmentSource } from './segment-source.ts'

/** Reads an archive by path, from R2 or from a copy on disk. */
export interface ArchiveBytes {
  /** Paths that begin with a prefix, in any order. The prefix contains a `/`. */
  list(prefix: string): AsyncIterable<string>
  read(path: string): Promise<Uint8Array | undefined>
}

interface Keys {
  /** The keys of checkpoints, if they do not come from the archive itself. */
  readonly findKey?: FindKey | undefined
  /** Finds keys that come from outside the archive. */
  readonly findAnchor?: FindKey | undefined
  /** Whether the signature of a key no longer counts in a segment. */
  readonly isDistrusted?: ((kid: string, sequence: number) => boolean) | undefined
}

/** The archive, as the verifier reads it. */
export function createSegmentSource(
  archive: ArchiveBytes,
  { findKey, findAnchor, isDistrusted }: Keys = {},
): SegmentSource {
  return {
    listSegments: () => archive.list('audit/'),
    listCheckpoints: () => archive.list('checkpoints/'),
    findSegments: listingSegments(archive),
    read: (path) => archive.read(path),
    findKey: findKey ?? ((kid) => readKey(archive, kid)),
    isAnchored: async (kid) => (await findAnchor?.(kid)) !== undefined,
    isDistrusted: async (kid, sequence) => isDistrusted?.(kid, sequence) === true,
  }
}

/** Numbers whose names are listed together. */
const GROUP = 1000

/**
 * Finds segments by listing names, because only the service can compute them. Keeps the names of two groups.
 */
function listingSegments(archive: ArchiveBytes): SegmentSource['findSegments'] {
  const groups = new Map<number, Promise<ReadonlyMap<number, readonly string[]>>>()
  return async (sequence) => {
    const group = Math.floor(sequence / GROUP)
    const names = groups.get(group) ?? listGroup(archive, group)
    groups.set(group, names)
    groups.delete(group - 2)
    return (await names).get(sequence) ?? []
  }
}

async function listGroup(archive: ArchiveBytes, group: number): Promise<ReadonlyMap<number, readonly string[]>> {
  const names = new Map<number, string[]>()
  const prefix = `audit/${inName(group * GROUP).slice(0, -String(GROUP).length + 1)}`
  for await (const path of archive.list(prefix)) {
    const sequence = sequenceIn(path)
    if (sequence !== undefined) names.set(sequence, [...(names.get(sequence) ?? []), path])
  }
  return names
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
