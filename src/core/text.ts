/** The validation message for text that `isText` refuses. */
export const TEXT_RULE = 'must be well-formed text without NUL'

/**
 * Whether a text can be stored and read without loss. It has no lone surrogate, which UTF-8 cannot encode,
 * and no NUL, at which SQLite and many other programs end a text.
 */
export const isText = (text: string): boolean => text.isWellFormed() && !text.includes('\0')

/** Whether `isText` is true for every text in a JSON value, including the names of members. */
export function hasOnlyText(value: unknown): boolean {
  if (typeof value === 'string') return isText(value)
  if (typeof value !== 'object' || value === null) return true
  return Object.entries(value).every(([name, inner]) => isText(name) && hasOnlyText(inner))
}
