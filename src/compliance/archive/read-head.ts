import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { type ChainHead, GENESIS } from './segment.ts'

/** The one row of `archive_head`, if anything has been archived. */
export const selectHead: SQL<ChainHead> = sql`SELECT sequence, hash, event_count AS eventCount FROM archive_head`

/** Where the archive stands, as far as the database knows. */
export async function readHead({ db }: Pick<Context, 'db'>): Promise<ChainHead> {
  return (await db.first(selectHead)) ?? GENESIS
}
