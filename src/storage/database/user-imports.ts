import { sql } from 'drizzle-orm'
import { importRefusals, imports } from '../schema/index.ts'
import type { Row } from './members.ts'
import { columnsOf, computed, withRows } from './rows.ts'
import type { Statement } from './statement.ts'

const importMembers = {
  id: imports.id,
  started_at: imports.startedAt,
  updated_at: imports.updatedAt,
  finished_at: imports.finishedAt,
  next_line: imports.nextLine,
  refused: computed.integer(sql`(SELECT count(*) FROM import_refusals WHERE import_id = ${imports.id})`),
} as const

export type ImportRow = Row<typeof importMembers>

/** By primary key. The refusals are counted by their primary key. */
export const selectImport = (id: string): Statement<ImportRow> =>
  withRows(importMembers, sql`SELECT ${columnsOf(importMembers)} FROM imports WHERE id = ${id}`)

const refusalMembers = { line: importRefusals.line, code: importRefusals.code, member: importRefusals.member } as const

export type RefusalRow = Row<typeof refusalMembers>

interface LineRange {
  readonly importId: string
  /** Exclusive. */
  readonly after: number
  readonly limit: number
}

/** Refused lines, in their order. By primary key. */
export const selectRefusals = ({ importId, after, limit }: LineRange): Statement<RefusalRow> =>
  withRows(
    refusalMembers,
    sql`
      SELECT ${columnsOf(refusalMembers)} FROM import_refusals
      WHERE import_id = ${importId} AND line > ${after} ORDER BY line LIMIT ${limit}`,
  )
