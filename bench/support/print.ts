/** One line for the person who measures. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** How far it is, beside the figures. */
export function note(line: string): void {
  process.stderr.write(`${line}\n`)
}
