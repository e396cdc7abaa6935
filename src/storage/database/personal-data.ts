import { type SQL, sql } from 'drizzle-orm'
import type { UserId } from '../../core/ids.ts'
import type { Archive } from '../../core/ports.ts'
import type { Database } from './database.ts'

/** Members of an export's `data`, by name: JSON, decrypted, and nobody else's. */
export type PersonalData = Readonly<Record<string, unknown>>

/** One deletion, and the table it empties of these people. Running it again deletes nothing. */
export interface ErasureStatement {
  readonly table: string
  readonly statement: SQL<{ readonly deleted: number }>
}

/** What a service holds about people: where, how to hand it out, and how to be rid of it. */
export interface PersonalDataOwner {
  readonly service: string
  /** Every table of this service whose rows name a person, those in `kept` included. */
  readonly tables: readonly string[]
  /** Tables that an erasure leaves alone, and why it may. */
  readonly kept: Readonly<Record<string, string>>
  /** @param key the person's data key. @throws CiphertextError when a column was altered or moved */
  exportPersonalData(
    ctx: { readonly db: Database; readonly archive: Archive },
    userId: UserId,
    key: CryptoKey,
  ): Promise<PersonalData>
  /** In the order that foreign keys ask for. One row of answer for each row deleted. @param userIds any number */
  erasePersonalData(userIds: readonly UserId[]): readonly ErasureStatement[]
}

/** Values for `IN`: one bound parameter, however many people (D1 allows 100 parameters). */
export const idsIn = (userIds: readonly UserId[]): SQL => sql`(SELECT value FROM json_each(${JSON.stringify(userIds)}))`

/** Deletes these people's rows from a table with a `user_id`. */
export const deleteRows = (table: string, userIds: readonly UserId[]): ErasureStatement => ({
  table,
  statement: sql`DELETE FROM ${sql.identifier(table)} WHERE user_id IN ${idsIn(userIds)} RETURNING 1 AS deleted`,
})
