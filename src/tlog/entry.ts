import { createHash } from 'node:crypto'
import { HASH_BYTES, type Hash } from './merkle.ts'

/** The first byte of an entry: the rest is the SHA-256 of a line of the archive. */
const LINE = 2

const ENTRY_BYTES = 33

/** Bytes of an entry in a bundle, with its length before it. */
export const BUNDLED_ENTRY_BYTES = ENTRY_BYTES + 2

/** SHA-256 of a line of the archive, without its newline. */
export const digestOfLine = (line: string | Uint8Array): Hash => createHash('sha256').update(line).digest()

/** The entry of the log for a line: 33 bytes that hide it. @param digest of `digestOfLine` */
export const entryOf = (digest: Hash): Uint8Array => Buffer.concat([Uint8Array.of(LINE), digest])

/** The bytes of a bundle of entries: before each, its length as two bytes (C2SP tlog-tiles). */
export const formatEntries = (digests: readonly Hash[]): Uint8Array =>
  Buffer.concat(digests.flatMap((digest) => [Uint8Array.of(0, ENTRY_BYTES), entryOf(digest)]))

/** The digests in a bundle; undefined if it is not one of `width` entries of this log. */
export function parseEntries(bytes: Uint8Array, width: number): Hash[] | undefined {
  if (bytes.length !== width * BUNDLED_ENTRY_BYTES) return undefined
  const digests = Array.from({ length: width }, (_, i) => {
    const end = (i + 1) * BUNDLED_ENTRY_BYTES
    return bytes.subarray(end - HASH_BYTES, end)
  })
  return Buffer.compare(formatEntries(digests), bytes) === 0 ? digests : undefined
}
