import { type SQL, sql } from 'drizzle-orm'

/** What the e-mail index of an erased user becomes: unique, and the index of no address. */
export const TOMBSTONE_INDEX: SQL = sql.raw(`'erased.' || id`)

/** SQL condition on `users`: the person behind the row has been erased. */
export const isTombstone: SQL = sql.raw(`users.email_enc = ''`)
