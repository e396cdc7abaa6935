import { sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { columnsOf, withRows } from '../../storage/database/rows.ts'
import type { Statement } from '../../storage/database/statement.ts'
import { archiveHead } from '../../storage/schema/index.ts'
import { type ChainHead, GENESIS } from './segment.ts'

const head = {
  sequence: archiveHead.sequence,
  hash: archiveHead.hash,
  eventCount: archiveHead.eventCount,
} as const

/** The one row of `archive_head`, if anything has been archived. */
export const selectHead: Statement<ChainHead> = withRows(head, sql`SELECT ${columnsOf(head)} FROM archive_head`)

/** The head of the archive, according to the database. */
export async function readHead({ db }: Pick<Context, 'db'>): Promise<ChainHead> {
  return (await db.first(selectHead)) ?? GENESIS
}
