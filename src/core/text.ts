/** What a refusal says of text that `isText` refuses. */
export const TEXT_RULE = 'must be well-formed text without NUL'

/**
 * Whether a text can be stored and read by everybody: no lone surrogate, which UTF-8 cannot write, and no
 * NUL, at which SQLite and many readers end a text.
 */
export const isText = (text: string): boolean => text.isWellFormed() && !text.includes('\0')

/** The same of each text within a JSON value, names of members included. */
export function hasOnlyText(value: unknown): boolean {
  if (typeof value === 'string') return isText(value)
  if (typeof value !== 'object' || value === null) return true
  return Object.entries(value).every(([name, inner]) => isText(name) && hasOnlyText(inner))
}
