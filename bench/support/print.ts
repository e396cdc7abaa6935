/** Prints a result to standard output. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** Prints progress to stderr. */
export function note(line: string): void {
  process.stderr.write(`${line}\n`)
}
