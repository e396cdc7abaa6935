import { type SQL, sql } from 'drizzle-orm'

/**
 * SQL condition: nothing in the schema can swallow, change or delete an event in the statement that records
 * it. No trigger names `audit_events`, `audit_events` is no view, and no constraint of the table drops a row
 * in silence (`ON CONFLICT IGNORE`). The migrations make none of these. SQLite has no way to use a table in a
 * trigger without its name. Reads the list of the schema: about a hundred rows.
 */
export const keepsEvents: SQL = sql`NOT EXISTS (
  SELECT 1 FROM sqlite_schema WHERE (type = 'trigger' AND sql LIKE '%audit_events%')
    OR (type = 'view' AND lower(name) = 'audit_events')
    OR (type = 'table' AND lower(name) = 'audit_events' AND sql LIKE '%conflict%'))`
