import { rfc3339, rfc3339OrNull } from '../../core/time.ts'
import type { ImportRow } from '../../storage/database/imports.ts'

/** How far an import is. Times are RFC 3339. */
export interface ImportView {
  readonly id: string
  readonly started_at: string
  readonly updated_at: string
  readonly finished_at: string | null
  /** Where to go on: the first line that has not been dealt with. */
  readonly next_line: number
  readonly imported: number
  readonly refused: number
}

export const showImport = (row: ImportRow): ImportView => ({
  id: row.id,
  started_at: rfc3339(row.started_at),
  updated_at: rfc3339(row.updated_at),
  finished_at: rfc3339OrNull(row.finished_at),
  next_line: row.next_line,
  imported: row.next_line - 1 - row.refused,
  refused: row.refused,
})
