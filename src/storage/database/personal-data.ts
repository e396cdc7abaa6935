import { type SQL, sql } from 'drizzle-orm'
import type { UserId } from '../../core/ids.ts'
import type { ActivityStore, Archive, KeyVault } from '../../core/ports.ts'
import type { Settings } from '../../core/settings.ts'
import type { KeyRing } from '../../crypto/key-ring.ts'
import type { Database } from './database.ts'

/** Members of an export's `data`, by name: decrypted JSON, about this person only. */
export type PersonalData = Readonly<Record<string, unknown>>

/**
 * The most rows of one table that one statement deletes. A person may have hundreds of thousands of rows, and
 * a transaction that deletes all of them would be aborted every time.
 */
export const ROWS_PER_SLICE = 1000

/**
 * A deletion of at most `ROWS_PER_SLICE` rows, and its table. It is repeated until it deletes fewer rows than
 * that.
 */
export interface ErasureStatement {
  readonly table: string
  readonly statement: SQL
}

/** The personal data of a service: its tables, how to export it, and how to erase it. */
export interface PersonalDataOwner {
  readonly service: string
  /** Every table of this service whose rows name a person, including those in `kept`. */
  readonly tables: readonly string[]
  /** Tables that an erasure does not touch, with the reason. */
  readonly kept: Readonly<Record<string, string>>
  /** @param key the person's data key. @throws CiphertextError if a column was altered or moved */
  exportPersonalData(
    ctx: {
      readonly db: Database
      readonly archive: Archive
      readonly activityStore: ActivityStore
      readonly ring: KeyRing
      readonly vault: Pick<KeyVault, 'findDerived'>
      readonly settings: Pick<Settings, 'AUDIT_BUNDLE_DAYS'>
    },
    userId: UserId,
    key: CryptoKey,
  ): Promise<PersonalData>
  /** Deletes the next slice of each table, in the order that foreign keys require. */
  erasePersonalData(userId: UserId): readonly ErasureStatement[]
}

/**
 * A list of ids for `IN`. It takes one bound parameter for any number of users (D1 allows 100 parameters).
 */
export const idsIn = (userIds: readonly UserId[]): SQL => sql`(SELECT value FROM json_each(${JSON.stringify(userIds)}))`

/** Deletes one slice of this person's rows from a table with an indexed `user_id`. */
export const deleteRows = (table: string, userId: UserId): ErasureStatement => ({
  table,
  statement: sql`
    DELETE FROM ${sql.identifier(table)} WHERE rowid IN (
      SELECT rowid FROM ${sql.identifier(table)} WHERE user_id = ${userId} LIMIT ${ROWS_PER_SLICE})`,
})
