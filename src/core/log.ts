/**
 * One JSON line. Fields are codes, counts and ids; never an address, a name, a token or a library's message.
 */
export function log(
  level: 'info' | 'warn' | 'error',
  event: string,
  fields: Readonly<Record<string, unknown>> = {},
): void {
  const line = JSON.stringify({ level, event, ...fields })
  if (level === 'error') console.error(line)
  else if (level === 'warn') console.warn(line)
  else console.log(line)
}

/** What the `console` mail transport prints, which a deployed Worker refuses to be configured with. */
export function printDevelopmentMail(subject: string, link: string | undefined): void {
  console.log(link === undefined ? `Mail: ${subject}` : `Mail: ${subject}\n  ${link}`)
}
