import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { UserId } from '../../core/ids.ts'
import { users } from './users.ts'

/** Apart from `users`, so that no query that reads a user can leak a hash. */
export const credentials = sqliteTable('credentials', {
  userId: text('user_id')
    .$type<UserId>()
    .primaryKey()
    .references(() => users.id),
  /**
   * PHC string, or an imported hash around one; null for a person who signs in at a provider. The index
   * `credentials_pepper` is on an expression: root-keys.ts.
   */
  passwordHash: text('password_hash'),
  changedAt: integer('changed_at').notNull(),
  /**
   * When the first of the passwords was set that lead to this one, each set by somebody who knew the one
   * before. A proof of the mailbox ends the chain. Null: `changed_at`.
   */
  chainBeganAt: integer('chain_began_at'),
})

/**
 * How many imported password hashes wait for their owner's first sign-in, by what they cost. Kept by triggers
 * on `credentials` that the migration `imported-passwords` makes; drizzle does not know them.
 */
export const importedPasswords = sqliteTable('imported_passwords', {
  /** As `nameScheme` writes it. */
  scheme: text('scheme').primaryKey(),
  credentials: integer('credentials').notNull(),
})

/**
 * How many password hashes cost how much to compare with, so that an unknown address can be compared at one
 * of these costs. Kept by triggers on `credentials` that the migration `password-costs` makes; drizzle does
 * not know them.
 */
export const passwordCosts = sqliteTable('password_costs', {
  /** As `nameCost` names it. */
  cost: text('cost').primaryKey(),
  credentials: integer('credentials').notNull(),
})
