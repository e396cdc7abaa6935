import { type SQL, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/sqlite-core'
import { decryptField, encryptField } from '../../crypto/field-cipher.ts'
import { users } from '../schema/index.ts'
import { hasPurgeBegun } from './erasure-conditions.ts'

/** The columns of `users u`, as conditions about the user of another row name them. */
export const u = alias(users, 'u')

/**
 * SQL on `users`: suspended now, also while the account is deleted. A suspension whose time has come no
 * longer counts, whether or not the cron has noticed.
 * @param users the table's alias
 */
export const isSuspended = (now: number, users = 'users'): SQL => sql`
  (${column(users, 'status')} = 'suspended' OR ${column(users, 'suspended_at')} IS NOT NULL)
  AND (${column(users, 'suspended_until')} IS NULL OR ${column(users, 'suspended_until')} > ${now})`

const column = (table: string, name: string): SQL => sql.raw(`${table}.${name}`)

/**
 * SQL on `users`: suspended by status, and the suspension has ended by itself. Index `users_suspended_until`.
 */
export const isSuspensionOver = (now: number): SQL =>
  sql`users.status = 'suspended' AND users.suspended_until <= ${now}`

/** What the e-mail index of an erased user becomes: unique, and the index of no address. */
export const TOMBSTONE_INDEX: SQL = sql.raw(`'erased.' || id`)

/** SQL condition on `users`: the person behind the row has been erased. */
export const isTombstone: SQL = sql.raw(`users.email_enc = ''`)

/**
 * SQL on `users`: 1 while an operator wants a new password and none has been set since, else 0. Whatever sets
 * a password sets `changed_at`, and needs to know nothing of this. By primary key.
 * @param users the table's alias
 */
export const isResetRequired = (users = 'users'): SQL =>
  sql.raw(`EXISTS (SELECT 1 FROM credentials reset
    WHERE reset.user_id = ${users}.id AND reset.changed_at <= ${users}.reset_required_at)`)

/** SQL on `credentials`: when the chain of passwords began, each set by somebody who knew the one before. */
export const chainBegan = sql`coalesce(chain_began_at, changed_at)`

interface Claimant {
  /** SQL for an id. */
  readonly userId: SQL
  readonly now: number
}

/**
 * SQL condition: no account but this one has the address, under any version of the index, or can go back to
 * it. A thief who moved an account away could otherwise register its old address, and the undo would find it
 * taken.
 */
export const isFreeFor = (indexes: readonly string[], { userId, now }: Claimant): SQL => sql`
  NOT EXISTS (SELECT 1 FROM users taken WHERE taken.email_index IN ${[...indexes]} AND taken.id <> ${userId})
  AND NOT EXISTS (
    SELECT 1 FROM one_time_tokens kept WHERE kept.address_index IN ${[...indexes]} AND kept.user_id <> ${userId}
      AND kept.consumed_at IS NULL AND kept.expires_at > ${now})`

const placeOf = (owner: string) => ({ table: 'users', column: 'email_enc', owner })

/** Encrypts `users.email_enc`. */
export const encryptEmail = (key: CryptoKey, userId: string, email: string): Promise<string> =>
  encryptField(key, placeOf(userId), email)

/** @throws CiphertextError */
export const decryptEmail = (key: CryptoKey, userId: string, stored: string): Promise<string> =>
  decryptField(key, placeOf(userId), stored)

/**
 * SQL condition on `users u`: deleted while not suspended, within the grace period, and no purge has begun.
 */
export const canBeRestored = (now: number): SQL => sql`
  u.status = 'deleted' AND u.purge_after > ${now} AND NOT (${isSuspended(now, 'u')})
  AND NOT ${hasPurgeBegun(sql`u.id`)}`
