import { type SQL, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/sqlite-core'
import type { UserId } from '../../core/ids.ts'
import { decryptField, encryptField } from '../../crypto/field-cipher.ts'
import { users } from '../schema/index.ts'
import { hasPurgeBegun } from './erasure-conditions.ts'

/** The columns of `users u`, for conditions on a user that is joined to another row. */
export const u = alias(users, 'u')

/**
 * SQL on `users`: suspended now. Also true for an account that was suspended and then deleted. A suspension
 * ends at `suspended_until`, even if the cron has not updated the status yet.
 * @param users the table's alias
 */
export const isSuspended = (now: number, users = 'users'): SQL => sql`
  (${column(users, 'status')} = 'suspended' OR ${column(users, 'suspended_at')} IS NOT NULL)
  AND (${column(users, 'suspended_until')} IS NULL OR ${column(users, 'suspended_until')} > ${now})`

const column = (table: string, name: string): SQL => sql.raw(`${table}.${name}`)

/**
 * SQL on `users`: the status is `suspended`, but the suspension has ended by itself. Index
 * `users_suspended_until`.
 */
export const isSuspensionOver = (now: number): SQL =>
  sql`users.status = 'suspended' AND users.suspended_until <= ${now}`

/** SQL: the e-mail index of an erased user. It is unique, and matches no address. */
export const TOMBSTONE_INDEX: SQL = sql.raw(`'erased.' || id`)

/** SQL condition on `users`: the user has been erased. */
export const isTombstone: SQL = sql.raw(`users.email_enc = ''`)

/** SQL condition: the user exists and is not erased. No event names an erased person beside its time. */
export const mayBeNamed = (userId: UserId): SQL =>
  sql`EXISTS (SELECT 1 FROM users WHERE id = ${userId} AND NOT ${isTombstone})`

/**
 * SQL on `users`: 1 if an operator requires a new password and none has been set since, else 0. Every change
 * of a password sets `changed_at`, which ends the requirement. By primary key.
 * @param users the table's alias
 */
export const isResetRequired = (users = 'users'): SQL =>
  sql.raw(`EXISTS (SELECT 1 FROM credentials reset
    WHERE reset.user_id = ${users}.id AND reset.changed_at <= ${users}.reset_required_at)`)

/**
 * SQL on `credentials`: when the chain of passwords began. Each password in a chain was set by a person who
 * knew the previous one.
 */
export const chainBegan = sql`coalesce(chain_began_at, changed_at)`

interface Claimant {
  /** SQL for a user id. */
  readonly userId: SQL
  readonly now: number
}

/**
 * SQL condition: no other account has this address, under any root key version, or can still restore it.
 * Otherwise a thief who changed an account's address could register the old address, and the owner could not
 * restore it.
 */
export const isFreeFor = (indexes: readonly string[], { userId, now }: Claimant): SQL => sql`
  NOT EXISTS (SELECT 1 FROM users taken WHERE taken.email_index IN ${[...indexes]} AND taken.id <> ${userId})
  AND NOT EXISTS (
    SELECT 1 FROM one_time_tokens kept WHERE kept.address_index IN ${[...indexes]} AND kept.user_id <> ${userId}
      AND kept.consumed_at IS NULL AND kept.expires_at > ${now})`

/** Mail jobs hold a copy, which the database makes. It opens as the address of its user. */
const placeOf = (userId: string) => ({ table: 'users', column: 'email_enc', owner: userId, row: userId })

/** Encrypts `users.email_enc`. */
export const encryptEmail = (key: CryptoKey, userId: string, email: string): Promise<string> =>
  encryptField(key, placeOf(userId), email)

/** @throws CiphertextError */
export const decryptEmail = (key: CryptoKey, userId: string, stored: string): Promise<string> =>
  decryptField(key, placeOf(userId), stored)

/**
 * SQL condition on `users u`: the account can be restored. It is deleted, not suspended, within the grace
 * period, and no purge has begun.
 */
export const canBeRestored = (now: number): SQL => sql`
  u.status = 'deleted' AND u.purge_after > ${now} AND NOT (${isSuspended(now, 'u')})
  AND NOT ${hasPurgeBegun(sql`u.id`)}`
