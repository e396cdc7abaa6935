import { readAtMost } from '../../core/read-at-most.ts'
import { HASH_BYTES } from '../../tlog/merkle.ts'
import { MOST_NOTE_CHARACTERS } from '../../tlog/note.ts'
import { parseTile, type ReadTile, TILE_WIDTH, tilePath } from '../../tlog/tiles.ts'
import { fetchPublic } from './published-keys.ts'

/** Where a service serves its log. */
const LOG = '/audit/log/'

/** The log that a service publishes, as anybody can read it. */
export interface PublicLog {
  readCheckpoint(): Promise<string>
  readonly readTile: ReadTile
  /** Tiles that were read. */
  reads(): number
}

/**
 * Reads the log of a service. Its answers are not checked: the caller checks the proof that they lead to.
 * @param origin of the service
 */
export function openPublicLog(origin: string): PublicLog {
  let reads = 0
  return {
    readCheckpoint: async () => new TextDecoder().decode(await fetchBytes(origin, 'checkpoint', MOST_NOTE_CHARACTERS)),
    readTile: async (tile) => {
      reads++
      const bytes = await fetchBytes(origin, tilePath(tile), TILE_WIDTH * HASH_BYTES)
      return parseTile(bytes, tile.width) ?? []
    },
    reads: () => reads,
  }
}

async function fetchBytes(origin: string, path: string, most: number): Promise<Uint8Array> {
  const { body } = await fetchPublic(origin, LOG + path)
  const bytes = await readAtMost(body, most)
  if (bytes === undefined) throw new Error(`${origin}${LOG}${path} answered with more than ${most} bytes`)
  return bytes
}
