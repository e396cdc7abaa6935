/** What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection), after any space. */
const FORMULA = /^\s*[=+\-@＝＋－＠]/u

/** Without it, spreadsheets read the file in the encoding of their own country. */
const BYTE_ORDER_MARK = '\ufeff'

/**
 * A table as CSV (RFC 4180) in UTF-8, marked as such. Every cell is quoted, for readers that separate by
 * semicolons or tabs. A cell that a spreadsheet would run gets an apostrophe in front, which shows it as
 * text. Null and undefined are empty, objects JSON.
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
