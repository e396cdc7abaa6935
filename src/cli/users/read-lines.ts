import { createReadStream } from 'node:fs'

const LF = 0x0a
const CR = 0x0d

/**
 * The lines of a file as bytes, without their line ends, which are LF or CRLF only. Node's readline also
 * splits at U+2028 and U+2029, which may occur in JSON strings. All later lines would then have a wrong
 * number.
 */
export async function* readLines(path: string): AsyncGenerator<Uint8Array> {
  let pieces: Buffer[] = []
  const take = (): Uint8Array => {
    const line = Buffer.concat(pieces)
    pieces = []
    return line.at(-1) === CR ? line.subarray(0, -1) : line
  }
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    let start = 0
    for (let end = chunk.indexOf(LF); end !== -1; end = chunk.indexOf(LF, start)) {
      pieces.push(chunk.subarray(start, end))
      yield take()
      start = end + 1
    }
    pieces.push(chunk.subarray(start))
  }
  // The last line may lack a line end. A line end at the end of the file does not start another line.
  if (pieces.some(({ length }) => length > 0)) yield take()
}
