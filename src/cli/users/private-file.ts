import { appendFileSync, chmodSync, existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'

/** Of its owner alone: ids say who is a user, and the file beside it says of whom. */
const PRIVATE = 0o600

/** Writes a file that only its owner can read, also where one was there that others could. */
export function writePrivately(path: string, text: string): void {
  writeFileSync(path, text, { mode: PRIVATE })
  chmodSync(path, PRIVATE)
}

/**
 * Appends to a file that only its owner can read, and makes it when there is none.
 * @param lines become NDJSON
 */
export function appendLines(path: string, lines: readonly object[]): void {
  appendFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''), { mode: PRIVATE })
}

/** Cuts off what a killed process wrote of a line, so that the next one begins anew. */
export function dropTornLine(path: string): void {
  if (!existsSync(path)) return
  truncateSync(path, readFileSync(path).lastIndexOf(0x0a) + 1)
  chmodSync(path, PRIVATE)
}
