import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { UserId } from '../../core/ids.ts'
import { users } from './users.ts'

/** Password hashes. A table of its own, so that a query that reads `users` cannot leak a hash. */
export const credentials = sqliteTable('credentials', {
  userId: text('user_id')
    .$type<UserId>()
    .primaryKey()
    .references(() => users.id),
  /**
   * A PHC string, or an imported hash inside one. Null for a person who signs in only with a provider. The
   * index `credentials_pepper` covers an expression on this column: see root-keys.ts.
   */
  passwordHash: text('password_hash'),
  changedAt: integer('changed_at').notNull(),
  /**
   * When the chain of passwords that led to this one began. Each password in a chain was set by a person who
   * knew the previous one. A proof of the mailbox ends the chain. Null: the chain began at `changed_at`.
   */
  chainBeganAt: integer('chain_began_at'),
})

/**
 * The number of imported password hashes whose owner has not signed in yet, by scheme. Triggers on
 * `credentials` maintain it. The migration `imported-passwords` creates them; drizzle does not know them.
 */
export const importedPasswords = sqliteTable('imported_passwords', {
  /** The output of `nameScheme`. */
  scheme: text('scheme').primaryKey(),
  credentials: integer('credentials').notNull(),
})

/**
 * The number of password hashes by the cost of comparing with them, so that a sign-in to an unknown address
 * can compare at one of these costs. Triggers on `credentials` maintain it. The migration `password-costs`
 * creates them; drizzle does not know them.
 */
export const passwordCosts = sqliteTable('password_costs', {
  /** The output of `nameCost`. */
  cost: text('cost').primaryKey(),
  credentials: integer('credentials').notNull(),
})
