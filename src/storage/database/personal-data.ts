import { type SQL, sql } from 'drizzle-orm'
import type { UserId } from '../../core/ids.ts'
import type { Archive } from '../../core/ports.ts'
import type { Database } from './database.ts'

/** Members of an export's `data`, by name: JSON, decrypted, and nobody else's. */
export type PersonalData = Readonly<Record<string, unknown>>

/**
 * Rows of one table that one statement deletes at most. A person may have hundreds of thousands, and a
 * transaction that deletes them all would be cut off each time.
 */
export const ROWS_PER_SLICE = 1000

/**
 * A deletion of at most `ROWS_PER_SLICE` rows, and the table from which it takes them. It is repeated until
 * it finds fewer than that.
 */
export interface ErasureStatement {
  readonly table: string
  readonly statement: SQL
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
  /** The next slice of each table, in the order that foreign keys ask for. */
  erasePersonalData(userId: UserId): readonly ErasureStatement[]
}

/** Values for `IN`: one bound parameter, however many people (D1 allows 100 parameters). */
export const idsIn = (userIds: readonly UserId[]): SQL => sql`(SELECT value FROM json_each(${JSON.stringify(userIds)}))`

/** Deletes a slice of this person's rows from a table with a `user_id`, which is indexed. */
export const deleteRows = (table: string, userId: UserId): ErasureStatement => ({
  table,
  statement: sql`
    DELETE FROM ${sql.identifier(table)} WHERE rowid IN (
      SELECT rowid FROM ${sql.identifier(table)} WHERE user_id = ${userId} LIMIT ${ROWS_PER_SLICE})`,
})
