import { appendFileSync, chmodSync, existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'

/** Only the owner may read these files: they tell who is a user. */
const PRIVATE = 0o600

/** Writes a file that only its owner can read. The mode of an existing file is corrected. */
export function writePrivately(path: string, text: string): void {
  writeFileSync(path, text, { mode: PRIVATE })
  chmodSync(path, PRIVATE)
}

/**
 * Appends to a file that only its owner can read, and creates it if needed.
 * @param lines written as NDJSON
 */
export function appendLines(path: string, lines: readonly object[]): void {
  appendFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''), { mode: PRIVATE })
}

/**
 * Removes an incomplete last line that a killed process left, so that the next line starts in its own row.
 */
export function dropTornLine(path: string): void {
  if (!existsSync(path)) return
  truncateSync(path, readFileSync(path).lastIndexOf(0x0a) + 1)
  chmodSync(path, PRIVATE)
}
