/**
 * What may be said of an unexpected error in a log: a class and a code of the platform's, never its message.
 */
export interface Failure {
  readonly name: string
  readonly code: string | undefined
  /** The store did not answer or refused for now: worth a retry, unlike a mistake of ours. */
  readonly isTransient: boolean
}

const SQLITE = 'CONSTRAINT|ERROR|BUSY|LOCKED|FULL|TOOBIG|NOMEM|IOERR|CORRUPT|MISMATCH|MISUSE|RANGE|AUTH|INTERRUPT'
const D1 = 'ERROR|EXEC_ERROR|TYPE_ERROR|COLUMN_NOTFOUND|SESSION_ERROR'

/**
 * A closed list: anything else that looks like a code may be a bound value. R2 puts its number last, in
 * brackets.
 */
const PLATFORM_CODE = new RegExp(`\\b(?:SQLITE_(?:${SQLITE})|D1_(?:${D1}))\\b|(?<=\\()10\\d{3}(?=\\)$)`)

/** Messages of database errors hold the bound values, so none is ever passed on. */
export function describeFailure(error: unknown): Failure {
  if (!(error instanceof Error)) return { name: typeof error, code: undefined, isTransient: false }
  const texts = [error.message, error.cause instanceof Error ? error.cause.message : '']
  const code = texts.map((text) => PLATFORM_CODE.exec(text)?.[0]).find((match) => match !== undefined)
  const isSqlMistake = texts.some((text) => /SQLITE_(?!BUSY)/.test(text))
  const isStoreError = code !== undefined && !isSqlMistake
  return { name: error.name, code, isTransient: isStoreError || error.name === 'TimeLimitError' }
}
