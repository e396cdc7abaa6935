/** Users of consecutive lines, as many as one request takes. */
export interface Chunk {
  readonly firstLine: number
  readonly users: readonly unknown[]
}

/** What one request takes. */
export const MAX_USERS = 50
/** Of the 64 KiB that a body may have; what stands around the users needs little. */
const MAX_BYTES = 60 * 1024

/**
 * Packs lines of JSON, from a line on. A line that is no JSON or too large is sent as null, so that it is refused under
 * its number and the others keep theirs.
 * @param from counted from 1
 */
export async function* chunksOf(lines: AsyncIterable<string> | Iterable<string>, from: number): AsyncGenerator<Chunk> {
  let users: unknown[] = []
  let bytes = 0
  let line = 0
  for await (const text of lines) {
    if (++line < from) continue
    const { user, size } = read(text)
    if (users.length === MAX_USERS || (users.length > 0 && bytes + size > MAX_BYTES)) {
      yield { firstLine: line - users.length, users }
      users = []
      bytes = 0
    }
    users.push(user)
    bytes += size
  }
  if (users.length > 0) yield { firstLine: line - users.length + 1, users }
}

function read(text: string): { readonly user: unknown; readonly size: number } {
  const nothing = { user: null, size: 5 }
  try {
    const user: unknown = JSON.parse(text)
    const size = Buffer.byteLength(JSON.stringify(user)) + 1
    return size > MAX_BYTES ? nothing : { user, size }
  } catch {
    return nothing
  }
}
