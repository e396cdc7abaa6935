/** What may be said of an unexpected error in a log: a class and a code of the platform's, never its message. */
export interface Failure {
  readonly name: string
  readonly code: string | undefined
  /** The store did not answer or refused for now: worth a retry, unlike a mistake of ours. */
  readonly isTransient: boolean
}

const PLATFORM_CODE = /SQLITE_[A-Z_]+|D1_[A-Z_]+|10\d{3}(?=\))/

/** Messages of database errors hold the bound values, so none is ever passed on. */
export function describeFailure(error: unknown): Failure {
  if (!(error instanceof Error)) return { name: typeof error, code: undefined, isTransient: false }
  const texts = [error.message, error.cause instanceof Error ? error.cause.message : '']
  const code = texts.map((text) => PLATFORM_CODE.exec(text)?.[0]).find((match) => match !== undefined)
  const isSqlMistake = texts.some((text) => /SQLITE_(?!BUSY)/.test(text))
  const isStoreError = code !== undefined && !isSqlMistake
  return { name: error.name, code, isTransient: isStoreError || error.name === 'TimeLimitError' }
}
