import { isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import { UsageError } from '../shared/usage-error.ts'
import { judgeLine, type LineFault } from './judge-line.ts'
import { readLines } from './read-lines.ts'

/** What is known of a file of users. */
export interface InspectedFile {
  /** SHA-256 of all lines, hexadecimal. Tells whether the file has changed. */
  readonly sha256: string
  readonly lines: number
  /** Lines that cannot be imported, by their numbers from 1. */
  readonly faults: ReadonlyMap<number, LineFault>
}

/**
 * Reads a whole file before any of it is sent. Otherwise a file that is not NDJSON in UTF-8 would be found
 * out after half of it was imported.
 * @param onBytes called with the number of bytes read so far
 * @throws UsageError that names the line
 */
export async function inspectFile(path: string, onBytes?: (bytes: number) => void): Promise<InspectedFile> {
  const hash = createHash('sha256')
  const faults = new Map<number, LineFault>()
  let line = 0
  let read = 0
  for await (const bytes of readLines(path)) {
    const refuse = (what: string) => new UsageError(`${basename(path)}, line ${++line}: ${what}`)
    if (line === 0 && isUtf16(bytes)) throw refuse('this is UTF-16. One JSON object a line in UTF-8 is expected.')
    if (!isUtf8(bytes)) throw refuse(`not UTF-8, near byte ${findWrongByte(bytes)}. Convert the file: iconv -t UTF-8.`)
    const text = new TextDecoder().decode(bytes)
    if (line === 0) refuseOtherJson(text, refuse)
    line++
    hash.update(bytes).update('\n')
    read += bytes.length + 1
    onBytes?.(read)
    const judged = judgeLine(text)
    if ('fault' in judged) faults.set(line, judged.fault)
  }
  return { sha256: hash.digest('hex'), lines: line, faults }
}

/**
 * Recognises UTF-16 with and without a byte order mark: JSON begins with two ASCII characters, so every
 * second byte is zero.
 */
function isUtf16([first, second]: Uint8Array): boolean {
  const isMarked = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)
  return isMarked || first === 0 || second === 0
}

/** Refuses JSON that is not NDJSON, because every single line of it would be refused. */
function refuseOtherJson(text: string, refuse: (what: string) => UsageError): void {
  if (text.trimStart().startsWith('['))
    throw refuse("a JSON array begins. One object a line is expected: jq -c '.[]' makes that of it.")
  if (text.trim() === '{')
    throw refuse(
      'an object begins that goes on in the next line. One object a line is expected: jq -c . makes that of it.',
    )
}

/**
 * The position of the wrong byte, counted from 1. It may be one too high, because the decoder may report an
 * error one byte late.
 */
function findWrongByte(bytes: Uint8Array): number {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })
  const wrong = bytes.findIndex((_, i) => {
    try {
      decoder.decode(bytes.subarray(i, i + 1), { stream: true })
      return false
    } catch {
      return true
    }
  })
  return wrong === -1 ? bytes.length : wrong + 1
}
