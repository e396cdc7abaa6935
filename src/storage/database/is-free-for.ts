import { type SQL, sql } from 'drizzle-orm'

interface Claimant {
  /** SQL for an id. */
  readonly userId: SQL
  readonly now: number
}

/**
 * SQL condition: no account but this one has the address, under any version of the index, or can go back to it. A thief
 * who moved an account away could otherwise register its old address, and the undo would find it taken.
 */
export const isFreeFor = (indexes: readonly string[], { userId, now }: Claimant): SQL => sql`
  NOT EXISTS (SELECT 1 FROM users taken WHERE taken.email_index IN ${[...indexes]} AND taken.id <> ${userId})
  AND NOT EXISTS (
    SELECT 1 FROM one_time_tokens kept WHERE kept.address_index IN ${[...indexes]} AND kept.user_id <> ${userId}
      AND kept.consumed_at IS NULL AND kept.expires_at > ${now})`
