/** The characters that start a formula in a spreadsheet (OWASP, CSV injection), after any white space. */
const FORMULA = /^\s*[=+\-@＝＋－＠]/u

/** Without it, spreadsheets read the file in the default encoding of the user's country. */
const BYTE_ORDER_MARK = '\ufeff'

/**
 * Formats a table as CSV (RFC 4180) in UTF-8 with a byte order mark. Every cell is quoted, because some
 * readers separate cells by semicolons or tabs. A cell that a spreadsheet would run as a formula gets an
 * apostrophe in front, which makes it text. Null and undefined become empty cells, objects become JSON.
 */
export function formatCsv<Row extends object>(columns: readonly (keyof Row & string)[], rows: readonly Row[]): string {
  const lines = [columns, ...rows.map((row) => columns.map((column) => row[column]))]
  return BYTE_ORDER_MARK + lines.map((cells) => `${cells.map(formatCell).join(',')}\r\n`).join('')
}

function formatCell(value: unknown): string {
  const text = toText(value)
  const inert = FORMULA.test(text) ? `'${text}` : text
  return `"${inert.replaceAll('"', '""')}"`
}

function toText(value: unknown): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
