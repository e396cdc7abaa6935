import { type SQL, sql } from 'drizzle-orm'

/** How many people have an imported password hash that costs this much, among how many there are. */
export interface ImportedScheme {
  readonly scheme: string
  readonly credentials: number
  /** Accounts that have not been deleted, with whatever hash or none. */
  readonly users: number
}

/**
 * SQL: the schemes of imported hashes that have not been replaced at a sign-in yet. No row where nobody was imported,
 * and a row for each cost at most; the counts are kept by triggers.
 */
export const selectImportedSchemes: SQL<ImportedScheme> = sql`
  SELECT scheme, credentials, (SELECT sum(users) FROM user_counts WHERE status <> 'deleted') AS users
  FROM imported_passwords WHERE credentials > 0 ORDER BY scheme`
