import { judgeLine, MAX_LINE_BYTES } from './judge-line.ts'

/** Users of consecutive lines, at most as many as one request takes. */
export interface Chunk {
  readonly firstLine: number
  readonly users: readonly unknown[]
}

/** The most users of one request. */
export const MAX_USERS = 50
/**
 * Packs lines of JSON into chunks, starting with the line `from`. A line with a fault is sent as null: the
 * service refuses it under its own number, and the numbers of the other lines stay right.
 * @param from counted from 1
 */
export async function* chunksOf(lines: AsyncIterable<Uint8Array>, from: number): AsyncGenerator<Chunk> {
  let users: unknown[] = []
  let bytes = 0
  let line = 0
  for await (const text of lines) {
    if (++line < from) continue
    const judged = judgeLine(decoder.decode(text))
    const { user, size } = 'fault' in judged ? NOTHING : judged
    if (users.length === MAX_USERS || (users.length > 0 && bytes + size > MAX_LINE_BYTES)) {
      yield { firstLine: line - users.length, users }
      users = []
      bytes = 0
    }
    users.push(user)
    bytes += size
  }
  if (users.length > 0) yield { firstLine: line - users.length + 1, users }
}

/** Drops byte order marks, also in the middle of a file that was joined from several files. */
const decoder = new TextDecoder()
const NOTHING = { user: null, size: 5 }
