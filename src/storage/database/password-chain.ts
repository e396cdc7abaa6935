import { sql } from 'drizzle-orm'

/** SQL on `credentials`: when the chain of passwords began, each set by somebody who knew the one before. */
export const chainBegan = sql`coalesce(chain_began_at, changed_at)`
