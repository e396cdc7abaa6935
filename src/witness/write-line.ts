/** Writes one line of JSON to the log of the Worker. */
export function writeLine(level: 'error', line: Readonly<Record<string, unknown>>): void {
  // biome-ignore lint/suspicious/noConsole: the log of the Worker.
  console[level](JSON.stringify({ level, ...line }))
}
