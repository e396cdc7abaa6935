/** One JSON line. Fields are codes, counts and ids; never an address, a name, a token or a library's message. */
export function log(level: 'info' | 'error', event: string, fields: Readonly<Record<string, unknown>> = {}): void {
  const line = JSON.stringify({ level, event, ...fields })
  if (level === 'error') console.error(line)
  else console.log(line)
}
