/**
 * Logs one line of JSON. Fields are codes, counts and ids, never an address, a name, a token or the message
 * of a library.
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

/**
 * Prints a mail for the mail transport `console`. The settings of a deployed Worker must not select it.
 * @param secret the link or the code that the mail delivers
 */
export function printDevelopmentMail(subject: string, secret: string | undefined): void {
  console.log(secret === undefined ? `Mail: ${subject}` : `Mail: ${subject}\n  ${secret}`)
}
