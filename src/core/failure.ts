/**
 * What a log line may contain about an unexpected error: its class and a code of the platform, never its
 * message.
 */
export interface Failure {
  readonly name: string
  readonly code: string | undefined
  /**
   * The store did not answer, or refused for the moment, so a retry may succeed. False for an error in our
   * code.
   */
  readonly isTransient: boolean
}

const SQLITE = 'CONSTRAINT|ERROR|BUSY|LOCKED|FULL|TOOBIG|NOMEM|IOERR|CORRUPT|MISMATCH|MISUSE|RANGE|AUTH|INTERRUPT'
const D1 = 'ERROR|EXEC_ERROR|TYPE_ERROR|COLUMN_NOTFOUND|SESSION_ERROR'

/**
 * A closed list, because other text that looks like a code may be a bound value. R2 writes its number at the
 * end of the message, in parentheses.
 */
const PLATFORM_CODE = new RegExp(`\\b(?:SQLITE_(?:${SQLITE})|D1_(?:${D1}))\\b|(?<=\\()10\\d{3}(?=\\)$)`)

/** Describes an error without its message: messages of database errors can contain the bound values. */
export function describeFailure(error: unknown): Failure {
  if (!(error instanceof Error)) return { name: typeof error, code: undefined, isTransient: false }
  const texts = [error.message, error.cause instanceof Error ? error.cause.message : '']
  const code = texts.map((text) => PLATFORM_CODE.exec(text)?.[0]).find((match) => match !== undefined)
  const isSqlMistake = texts.some((text) => /SQLITE_(?!BUSY)/.test(text))
  const isStoreError = code !== undefined && !isSqlMistake
  return { name: error.name, code, isTransient: isStoreError || error.name === 'TimeLimitError' }
}
