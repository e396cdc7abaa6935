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
 * @param secrets the code and the link that the mail delivers
 */
export function printDevelopmentMail(subject: string, secrets: readonly string[]): void {
  console.log([`Mail: ${subject}`, ...secrets].join('\n  '))
}
