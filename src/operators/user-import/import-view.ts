import * as z from 'zod'
import { answerSchema, orNull, time, type View } from '../../core/answer-schema.ts'
import { rfc3339, rfc3339OrNull } from '../../core/time.ts'
import type { ImportRow } from '../../storage/database/user-imports.ts'

const importShape = () => ({
  id: z.uuid(),
  started_at: time(),
  updated_at: time(),
  finished_at: orNull(time()),
  /** The next line to send: the first line that was not processed yet. */
  next_line: z.int(),
  imported: z.int(),
  refused: z.int(),
})

/** The progress of an import. */
export const importView = answerSchema('Import', importShape)

export type ImportView = View<typeof importView>

const refusalShape = () => ({ line: z.int(), code: z.string(), member: orNull(z.string()) })

/** The answer of `GET /admin/imports/{id}`: the progress, and a page of the refused lines. */
export const importReportView = answerSchema('ImportReport', () => ({
  ...importShape(),
  refusals: z.array(z.strictObject(refusalShape())),
  next_cursor: orNull(z.string()),
}))

export type ImportReport = View<typeof importReportView>

/** The answer of `POST /admin/imports/{id}/users`: the results of the lines. */
export const importedLinesView = answerSchema('ImportedLines', () => ({
  next_line: z.int(),
  imported: z.array(z.strictObject({ line: z.int(), id: z.uuid() })),
  refused: z.array(z.strictObject(refusalShape())),
}))

export type ImportedLines = View<typeof importedLinesView>

export const showImport = (row: ImportRow): ImportView => ({
  id: row.id,
  started_at: rfc3339(row.started_at),
  updated_at: rfc3339(row.updated_at),
  finished_at: rfc3339OrNull(row.finished_at),
  next_line: row.next_line,
  imported: row.next_line - 1 - row.refused,
  refused: row.refused,
})
