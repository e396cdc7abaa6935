import { sql } from 'drizzle-orm'
import type { Context } from '../../context.ts'
import { type ChainHead, GENESIS } from './segment.ts'

/** Where the archive stands, as far as the database knows. */
export async function readHead({ db }: Pick<Context, 'db'>): Promise<ChainHead> {
  const head = await db.first(sql<ChainHead>`SELECT sequence, hash, event_count AS eventCount FROM archive_head`)
  return head ?? GENESIS
}
