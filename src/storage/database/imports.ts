import { type SQL, sql } from 'drizzle-orm'

export interface ImportRow {
  readonly id: string
  readonly started_at: number
  readonly updated_at: number
  readonly finished_at: number | null
  readonly next_line: number
  readonly refused: number
}

/** By primary keys; the refusals are counted from theirs. */
export const selectImport = (id: string): SQL<ImportRow> => sql`
  SELECT id, started_at, updated_at, finished_at, next_line,
    (SELECT count(*) FROM import_refusals WHERE import_id = imports.id) AS refused
  FROM imports WHERE id = ${id}`

export interface RefusalRow {
  readonly line: number
  readonly code: string
  readonly member: string | null
}

interface LineRange {
  readonly importId: string
  /** Exclusive. */
  readonly after: number
  readonly limit: number
}

/** Lines that were refused, in their order; by primary key. */
export const selectRefusals = ({ importId, after, limit }: LineRange): SQL<RefusalRow> => sql`
  SELECT line, code, member FROM import_refusals
  WHERE import_id = ${importId} AND line > ${after} ORDER BY line LIMIT ${limit}`
